// What the colours of the large picture mean: classes with their marks, or a scale with its ends.
import { make, setAttribute, setText, sharpContext } from "./dom.js";
import { classColour, cssColour, valueColour } from "./colours.js";
import { numberText } from "./format.js";
import { drawMark } from "./points.js";

export class Legend {
  constructor(app) {
    this.app = app;
    this.classes = make("ul", { class: "classes", "aria-label": "Classes" });
    this.bar = make("canvas", { class: "bar", "aria-hidden": "true" });
    this.ends = [0, 1, 2].map(() => make("span", {}));
    this.scale = make("div", { class: "scale" }, this.bar, make("div", { class: "ends" }, ...this.ends));
    this.element = make("div", { class: "legend" }, this.classes, this.scale);
    app.on("build", () => this.list());
    app.on("theme", () => app.build && this.list());
    this.painted = "";
  }

  list() {
    const { classes } = this.app.build;
    this.classes.replaceChildren(
      ...classes.map((label, k) => {
        const canvas = make("canvas", { "aria-hidden": "true" });
        paintKey(canvas, k, classes.length);
        return make("li", { title: String(label) }, canvas, make("span", {}, String(label)));
      }),
    );
    this.painted = "";
  }

  /** A scale from −scale to scale; null: the answer itself. */
  show(scale) {
    const { build, theme } = this.app;
    const values = scale !== null || build.task === "regression";
    setAttribute(this.element, "data-shows", values ? "scale" : "classes");
    if (!values) return;
    const largest = scale !== null ? scale : Math.max(...build.value_range.map(Math.abs));
    if (this.painted !== theme) {
      this.painted = theme;
      const context = sharpContext(this.bar, 240, 8);
      for (let x = 0; x < 240; x++) {
        context.fillStyle = cssColour(valueColour((x - 119.5) / 119.5, theme));
        context.fillRect(x, 0, 1, 8);
      }
    }
    setText(this.ends[0], numberText(-largest, 2));
    setText(this.ends[1], "0");
    setText(this.ends[2], numberText(largest, 2));
  }
}

/** A class's mark alone, for keys. */
export function paintKey(canvas, kind, count) {
  const context = sharpContext(canvas, 14, 14);
  context.fillStyle = cssColour(classColour(kind));
  drawMark(context, 7, 7, 4.6, kind, count);
  context.fill();
}
