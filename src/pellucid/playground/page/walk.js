// A step told slowly: forward layer by layer, the loss, backward, the update. The new weights wait until it is told.
import { make, setHidden, setText } from "./dom.js";
import { icon } from "./icons.js";
import { patchHtml } from "./patch.js";

const PAUSE = 1700; // milliseconds a stage
const STAGE_NAMES = { forward: "Forward", loss: "Loss", backward: "Backward", update: "Update" };

export class Walk {
  constructor(app) {
    this.app = app;
    this.stages = [];
    this.at = 0;
    this.timer = undefined;
    this.kind = make("strong", {});
    this.where = make("span", { class: "where" });
    this.body = make("div", { class: "walk-body" });
    this.dots = make("div", { class: "dots", "aria-hidden": "true" });
    const button = (text, title, clicked) =>
      make("button", { type: "button", class: "plain", title, on: { click: clicked } }, text);
    this.halt = button("Hold", "Stay at this stage", () => this.stay());
    this.element = make(
      "section",
      { class: "walk", hidden: true, "aria-label": "One step, stage by stage", "aria-live": "polite" },
      make(
        "header",
        {},
        this.kind,
        this.where,
        this.dots,
        button("Back", "The stage before", () => this.go(this.at - 1, true)),
        this.halt,
        button("Next", "The next stage", () => this.go(this.at + 1, true)),
        make(
          "button",
          {
            type: "button",
            class: "plain",
            "data-action": "skip",
            title: "Skip to the end (Escape)",
            on: { click: () => this.end() },
          },
          icon("step", 14),
          make("span", {}, "Skip"),
        ),
      ),
      this.body,
    );
    app.on("walk", (message) => this.begin(message));
    app.on("build", () => this.stages.length && this.end());
    app.on("action", (name) => name !== "step" && this.end());
    app.endings.push(() => clearTimeout(this.timer));
  }

  get telling() {
    return this.stages.length > 0;
  }

  begin({ generation, stages }) {
    if (generation !== this.app.build.generation || stages.length === 0) return;
    this.stages = stages;
    this.app.hold(true);
    this.dots.replaceChildren(...stages.map(() => make("i", {})));
    setHidden(this.element, false);
    this.go(0);
  }

  go(at, byHand = false) {
    if (!this.telling) return;
    if (at >= this.stages.length) return this.end();
    clearTimeout(this.timer);
    this.at = Math.max(0, at);
    const stage = this.stages[this.at];
    const { layers } = this.app.build;
    setText(this.kind, STAGE_NAMES[stage.kind] ?? stage.kind);
    setText(
      this.where,
      stage.layer === null || stage.layer === undefined
        ? ""
        : stage.layer === layers.length - 1
          ? "output layer"
          : `hidden layer ${stage.layer + 1}`,
    );
    patchHtml(this.body, stage.html);
    for (const [k, dot] of [...this.dots.children].entries())
      dot.className = k === this.at ? "here" : k < this.at ? "past" : "";
    this.app.emit("stage", stage);
    if (byHand) this.stay();
    else this.timer = setTimeout(() => this.go(this.at + 1), PAUSE);
  }

  stay() {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  end() {
    if (!this.telling) return;
    clearTimeout(this.timer);
    this.stages = [];
    setHidden(this.element, true);
    this.app.emit("stage", null);
    this.app.hold(false);
  }
}
