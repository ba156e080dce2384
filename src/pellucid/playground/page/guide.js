// Lessons: settings under a name, with a sentence on what to notice.
import { make, setHidden, setText } from "./dom.js";
import { icon } from "./icons.js";
import { fillSelect, selectBox, showSelected } from "./controls.js";

const WELCOME =
  "Press play and watch it learn. Hover over a unit to see its map large; click a unit or a weight to see where its numbers come from.";

export function guide(app) {
  const { select, box } = selectBox(
    { "aria-label": "Lesson" },
    [],
    (name) => name !== null && app.link.send("lesson", { name }),
  );
  const notice = make("p", { class: "notice", "aria-live": "polite" }, WELCOME);
  const title = make("strong", {});
  app.on("catalog", ({ presets }) =>
    fillSelect(select, [
      { value: null, label: "Lessons…" },
      ...presets.map((preset) => ({ value: preset.name, label: preset.title })),
    ]),
  );
  app.on("build", ({ preset, note }) => {
    showSelected(select, preset ? preset.name : null);
    setText(title, preset ? "Notice: " : "");
    notice.replaceChildren(title, preset ? preset.notice : note || WELCOME);
  });
  return make("div", { class: "guide", "data-part": "lessons" }, icon("info", 18), notice, box);
}

/** The training doctor: what it finds, as it finds it. */
export function doctor(app) {
  const count = make("span", { class: "badge" }, "0");
  const calm = make("p", { class: "hint" }, "Nothing found so far.");
  const list = make("ul", { class: "findings", "aria-live": "polite" });
  const element = make(
    "section",
    { class: "doctor", "aria-label": "Training doctor", "data-part": "doctor" },
    make("header", {}, icon("bolt", 16), make("h3", {}, "Training doctor"), count),
    calm,
    list,
  );
  app.on("findings", ({ findings }) => {
    setText(count, String(findings.length));
    count.classList.toggle("some", findings.length > 0);
    setHidden(calm, findings.length > 0);
    const open = new Set([...list.querySelectorAll("details[open]")].map((details) => details.dataset.name));
    list.replaceChildren(
      ...findings.map(({ name, what, why, advice }) =>
        make(
          "li",
          {},
          make(
            "details",
            { "data-name": name, open: open.has(name) },
            make("summary", {}, icon("chevron", 14), make("strong", {}, what)),
            make("p", {}, why),
            make("p", { class: "advice" }, advice),
          ),
        ),
      ),
    );
  });
  return element;
}
