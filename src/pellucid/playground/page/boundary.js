// The large picture: what the network answers everywhere, or one unit's map; over it the points, around it the axes.
import { make, makeSvg, setAttribute, setText, sharpContext } from "./dom.js";
import { icon } from "./icons.js";
import { classTable, valueTable } from "./colours.js";
import { tickText, ticks } from "./format.js";
import { paintClasses, paintMap, paintValues } from "./tiles.js";
import { drawPoints, nearestPoint } from "./points.js";
import { Legend } from "./legend.js";
import { DrawTool } from "./draw.js";

export class Boundary {
  constructor(app) {
    this.app = app;
    this.map = make("canvas", { class: "map", "aria-hidden": "true" });
    this.marks = make("canvas", { class: "marks", "aria-hidden": "true" });
    this.plot = make(
      "div",
      { class: "plot", role: "img", "aria-label": "What the network answers" },
      this.map,
      this.marks,
    );
    this.axes = makeSvg("svg", { class: "axes", "aria-hidden": "true" });
    this.title = make("span", { class: "shown" });
    this.release = make(
      "button",
      {
        type: "button",
        class: "small",
        "aria-label": "Show the whole network's answer",
        title: "Show the whole network's answer (Escape)",
        hidden: true,
        on: { click: () => app.choose(null) },
      },
      icon("close", 14),
    );
    this.legend = new Legend(app);
    this.draw = new DrawTool(app, this);
    const show = this.toggle("show_test", "Test points", "Points with a dark rim were not used for training");
    const sharp = this.toggle("sharp", "Sharp classes", "The likeliest answer alone, without how sure it is");
    this.element = make(
      "div",
      { class: "boundary", "data-part": "boundary" },
      make("div", { class: "boundary-head" }, this.title, this.release),
      make("div", { class: "frame" }, this.axes, this.plot),
      make("div", { class: "under" }, this.legend.element, this.draw.element),
      make("div", { class: "switches" }, show, sharp, this.draw.button),
    );
    this.observer = new ResizeObserver(() => this.arrange());
    this.observer.observe(this.plot);
    app.endings.push(() => this.observer.disconnect());
    app.on("build", () => this.arrange());
    app.on("frame", () => this.paint());
    app.on("hover", () => this.paint());
    app.on("pick", () => this.paint());
    app.on("of", () => this.paintMarks());
    app.on("view", (name) => (name === "sharp" ? this.paint() : this.paintMarks()));
    app.on("theme", () => this.arrange());
    this.plot.addEventListener("click", (event) => this.clicked(event));
  }

  toggle(name, text, title) {
    const { app } = this;
    const input = make("input", {
      type: "checkbox",
      "data-view": name,
      on: { change: () => app.setView(name, input.checked) },
    });
    const show = () => (input.checked = app.view[name]);
    app.on("view", show);
    show();
    return make("label", { class: "check", title, "data-part": name }, input, make("span", {}, text));
  }

  arrange() {
    const { app } = this;
    this.values = valueTable(app.theme);
    this.classes = classTable(app.theme, 8);
    if (!app.build) return;
    this.paintAxes();
    this.paintMarks();
    this.paint();
  }

  /** What is shown: the unit or feature under the pointer, else the pinned unit, else the answer. */
  subject() {
    const { hover, pick } = this.app;
    if (hover) return hover;
    return pick && pick.what === "unit" ? { layer: pick.layer, unit: pick.unit } : null;
  }

  paint() {
    const { app } = this;
    const { build, frame } = app;
    if (!build || !this.values) return;
    const subject = this.subject();
    const side = Math.floor(build.grid / 2);
    const size = side * side;
    const answer = frame && frame.generation === build.generation ? frame.arrays : null;
    if (subject && subject.feature !== undefined) {
      paintMap(
        this.map,
        build.arrays.feature_maps.subarray(subject.feature * size, (subject.feature + 1) * size),
        side,
        this.values,
      );
      this.name(`Input ${build.features[subject.feature].label}`, build.arrays.feature_scales[subject.feature]);
    } else if (subject && answer) {
      const k = build.layers.slice(0, subject.layer).reduce((sum, { units }) => sum + units, 0) + subject.unit;
      paintMap(this.map, answer.maps.subarray(k * size, (k + 1) * size), side, this.values);
      const name = app.unitName(subject.layer, subject.unit);
      this.name(name[0].toUpperCase() + name.slice(1), answer.scales[k]);
    } else if (answer) {
      if (build.task === "regression") paintValues(this.map, answer.boundary, build.grid, this.values, app.view.sharp);
      else
        paintClasses(
          this.map,
          answer.boundary,
          build.grid,
          answer.boundary.length / (build.grid * build.grid),
          this.classes,
          app.view.sharp,
        );
      this.name("The network's answer", null);
    }
  }

  name(text, scale) {
    setText(this.title, this.draw.hint ?? text);
    setAttribute(this.plot, "aria-label", `${text} over ${this.app.build.axes.join(" and ")}`);
    this.release.hidden = !(this.app.pick && this.app.pick.what === "unit");
    this.legend.show(scale);
    this.legend.element.hidden = this.draw.active;
  }

  scene(test) {
    const { build, theme } = this.app;
    return {
      range: build.range,
      classes: build.task === "regression" ? 0 : build.classes.length,
      span: build.value_range || [0, 1],
      theme,
      test,
    };
  }

  paintMarks() {
    const { app } = this;
    const [width, height] = [this.plot.clientWidth, this.plot.clientHeight];
    if (!app.build || !width) return;
    const context = sharpContext(this.marks, width, height);
    this.drawAll(context, width, height);
    this.draw.paint(context, width, height);
  }

  drawAll(context, width, height) {
    const { build, view, pick, of, sample } = this.app;
    drawPoints(context, build.arrays.train, width, height, this.scene(false));
    if (view.show_test) drawPoints(context, build.arrays.test, width, height, this.scene(true));
    const at = 3 * this.app.rowOfSample(sample);
    if (!pick || of !== "sample" || at < 0) return;
    const { x, y } = this.toPixels(build.arrays.train[at], build.arrays.train[at + 1], width, height);
    context.strokeStyle = this.app.theme === "dark" ? "#ffffff" : "#14181d";
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 7.5, 0, 2 * Math.PI);
    context.stroke();
  }

  toPixels(x1, x2, width = this.plot.clientWidth, height = this.plot.clientHeight) {
    const { x, y } = this.app.build.range;
    return { x: ((x1 - x[0]) / (x[1] - x[0])) * width, y: height - ((x2 - y[0]) / (y[1] - y[0])) * height };
  }

  toValues(px, py) {
    const { x, y } = this.app.build.range;
    const [width, height] = [this.plot.clientWidth, this.plot.clientHeight];
    return [x[0] + (px / width) * (x[1] - x[0]), y[0] + ((height - py) / height) * (y[1] - y[0])];
  }

  at(event) {
    const box = this.plot.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  // Outside of drawing, a click on a training point explains with that point.
  clicked(event) {
    if (this.draw.active || !this.app.build) return;
    const { x, y } = this.at(event);
    const row = nearestPoint(
      this.app.build.arrays.train,
      x,
      y,
      this.plot.clientWidth,
      this.plot.clientHeight,
      this.app.build.range,
      10,
    );
    if (row >= 0) this.app.explainSample(this.app.sampleOfRow(row));
  }

  paintAxes() {
    const { build } = this.app;
    const [side, left, bottom] = [
      this.plot.clientWidth,
      this.plot.offsetLeft,
      this.plot.offsetTop + this.plot.offsetHeight,
    ];
    const parts = [];
    const text = (x, y, content, attributes = {}) => parts.push(makeSvg("text", { x, y, ...attributes }, content));
    for (const value of ticks(build.range.x, 5)) {
      const { x } = this.toPixels(value, 0);
      parts.push(makeSvg("path", { d: `M${left + x} ${bottom}v4` }));
      text(left + x, bottom + 15, tickText(value), { "text-anchor": "middle" });
    }
    for (const value of ticks(build.range.y, 5)) {
      const { y } = this.toPixels(0, value);
      parts.push(makeSvg("path", { d: `M${left} ${bottom - side + y}h-4` }));
      text(left - 7, bottom - side + y + 3.5, tickText(value), { "text-anchor": "end" });
    }
    text(left + side, bottom + 28, build.axes[0], { "text-anchor": "end", class: "axis-name" });
    text(left, bottom - side - 7, build.axes[1], { "text-anchor": "start", class: "axis-name" });
    this.axes.replaceChildren(...parts);
  }
}
