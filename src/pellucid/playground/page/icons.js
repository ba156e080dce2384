// Icons as inline SVG: no font, no request, the colour of the text around them.
import { makeSvg } from "./dom.js";

const STROKED = {
  back: "M19 6.5v11L10.5 12zM6.5 6v12",
  bolt: "M13 3 5.5 13.5H12L11 21l7.5-10.5H12z",
  check: "m5 12.5 4.5 4.5L19 7.5",
  chevron: "m7 10 5 5 5-5",
  close: "m6.5 6.5 11 11m0-11-11 11",
  contrast: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm0 0v16m2.6-15.4v14.8m2.6-13v11.2",
  copy: "M9 9h10v10H9zM5 15V5h10",
  download: "M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 19.5h14",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zm9.5-2.8a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z",
  file: "M6.5 3.5H14l4 4v13H6.5zM14 3.5v4h4M9.5 12h5m-5 4h5",
  help: "M9.2 9.3a2.9 2.9 0 1 1 4.2 2.6c-.9.5-1.4 1-1.4 2.1m0 3.2v.3",
  info: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zm0 7v5m0-8.2v.3",
  minus: "M6 12h12",
  moon: "M19 14.6A7.6 7.6 0 0 1 9.4 5 7.6 7.6 0 1 0 19 14.6z",
  pencil: "m5 19 .9-4L15.5 5.4l3.1 3.1L9 18.1zM13.5 7.5l3 3",
  plus: "M12 6v12M6 12h12",
  renew: "M19 12a7 7 0 0 1-12.4 4.4M5 12a7 7 0 0 1 12.4-4.4M17.8 4v4h-4M6.2 20v-4h4",
  reset: "M6 12.5A6.5 6.5 0 1 0 8.2 7.6M8.6 3.8v4.4H13",
  step: "M5 6.5v11l8.5-5.5zM17.5 6v12",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zm0-5v1.6m0 14.8V21m9-9h-1.6M4.6 12H3m15.4-6.4-1.2 1.2M6.8 17.2l-1.2 1.2m12.8 0-1.2-1.2M6.8 6.8 5.6 5.6",
  trash: "M5 7h14M10 7V4.5h4V7m-7 0 .8 12.5h8.4L17 7m-6.7 3.5v6m3.4-6v6",
  warning: "M12 4.5 3.5 19h17zM12 10v4.5m0 2.2v.2",
};

const FILLED = {
  pause: "M7.5 5.5h3.2v13H7.5zm5.8 0h3.2v13h-3.2z",
  play: "M8.5 5.2v13.6L19 12z",
};

/** The icon of this name, 24 × 24 in its own units; hidden from screen readers, for its button has a name. */
export function icon(name, size = 18) {
  const filled = name in FILLED;
  const path = makeSvg("path", { d: filled ? FILLED[name] : STROKED[name] });
  return makeSvg(
    "svg",
    {
      viewBox: "0 0 24 24",
      width: size,
      height: size,
      class: filled ? "icon filled" : "icon",
      "aria-hidden": "true",
      focusable: "false",
    },
    path,
  );
}

/** Three units and an answer: the mark of the product. */
export function mark() {
  const dots = [
    [5, 6, "one"],
    [5, 18, "two"],
    [19, 12, "three"],
  ].map(([cx, cy, kind]) => makeSvg("circle", { cx, cy, r: 3.4, class: kind }));
  const lines = makeSvg("path", { d: "M5 6C12 6 12 12 19 12M5 18c7 0 7-6 14-6" });
  return makeSvg(
    "svg",
    { viewBox: "0 0 24 24", width: 26, height: 26, class: "mark", "aria-hidden": "true", focusable: "false" },
    lines,
    ...dots,
  );
}
