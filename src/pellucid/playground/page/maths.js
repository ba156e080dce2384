// The maths panel: one unit's or one weight's story with the numbers of now, as Python writes it.
import { make, setAttribute, setHidden, setText } from "./dom.js";
import { icon } from "./icons.js";
import { freshId, numberBox } from "./controls.js";
import { patchHtml } from "./patch.js";

export class MathsPanel {
  constructor(app) {
    this.app = app;
    this.title = make("h2", {}, "The maths");
    this.body = make("div", {
      class: "maths-body",
      tabindex: "0",
      role: "region",
      "aria-label": "Formulas with the numbers of now",
    });
    this.empty = make(
      "p",
      { class: "hint" },
      "Click a unit, a weight or a bias: here stand its formulas with the numbers of this very moment, and what the next step will make of them.",
    );
    this.close = make(
      "button",
      {
        type: "button",
        class: "small",
        "aria-label": "Close the maths",
        title: "Close (Escape)",
        on: { click: () => app.choose(null) },
      },
      icon("close", 16),
    );
    const group = freshId();
    this.bySample = make("input", { type: "radio", name: group, on: { change: () => app.explainSample(app.sample) } });
    this.byBatch = make("input", { type: "radio", name: group, on: { change: () => app.explainBatch() } });
    this.number = numberBox(
      { kind: "integer", least: 0, most: 0, step: 1 },
      (sample) => app.explainSample(Number(sample)),
      {
        "aria-label": "Training point",
        title: "Which training point; a click on one in the large picture chooses it too",
      },
    );
    this.field = null;
    const choice = make(
      "div",
      { class: "maths-of", role: "group", "aria-label": "Explained with" },
      make("label", { class: "check" }, this.bySample, make("span", {}, "training point")),
      this.number.box,
      make("label", { class: "check" }, this.byBatch, make("span", {}, "the next batch")),
    );
    this.element = make(
      "section",
      { class: "pane maths", "aria-label": "The maths", "data-part": "maths" },
      make("header", {}, this.title, choice, this.close),
      this.empty,
      this.body,
    );
    app.on("pick", (pick) => this.showPick(pick));
    app.on("maths", (message) => this.show(message));
    app.on("of", () => this.showOf());
    app.on("build", (build) => {
      this.number.limit(build.n_train - 1);
      if (app.sample >= build.n_train) app.sample = 0;
      this.showOf();
    });
    this.showPick(null);
    this.showOf();
  }

  showOf() {
    const { of, sample } = this.app;
    this.bySample.checked = of === "sample";
    this.byBatch.checked = of === "batch";
    this.number.show(sample);
  }

  showPick(pick) {
    this.element.classList.toggle("open", Boolean(pick));
    setHidden(this.empty, Boolean(pick));
    setHidden(this.body, !pick);
    setHidden(this.close, !pick);
    if (pick) return;
    setText(this.title, "The maths");
    this.body.replaceChildren();
  }

  show({ pick, title, html, generation, numbers }) {
    const wanted = this.app.pick;
    if (
      !wanted ||
      generation !== this.app.build.generation ||
      pick.what !== wanted.what ||
      pick.layer !== wanted.layer ||
      pick.unit !== wanted.unit
    )
      return;
    setText(this.title, title);
    patchHtml(this.body, html);
    this.element.dataset.numbers = JSON.stringify(numbers);
    setAttribute(this.element, "data-generation", generation);
  }
}
