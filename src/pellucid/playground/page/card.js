// A small card beside an edge or a bias: its value, and once it is clicked a field to change it.
import { make, setHidden, setText } from "./dom.js";
import { numberBox } from "./controls.js";
import { numberText } from "./format.js";

const EDITABLE = { kind: "number", step: 0.1, log: false };

/** `valueOf(pick)` reads the present value. The card stands in `container`, whose size bounds it. */
export class WeightCard {
  constructor(app, container, valueOf) {
    this.app = app;
    this.container = container;
    this.valueOf = valueOf;
    this.pick = null;
    this.editing = false;
    this.title = make("span", { class: "card-title" });
    this.value = make("output", { class: "card-value" });
    this.number = numberBox(EDITABLE, (value) => this.send(value), {
      "aria-label": "Value",
      title: "Change it by hand; Enter sets it",
    });
    this.edit = make("span", { class: "card-edit", hidden: true }, this.number.box);
    this.element = make(
      "div",
      { class: "card", hidden: true, role: "group", "aria-label": "Weight" },
      this.title,
      make("span", { class: "card-row" }, this.value, this.edit),
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
    this.element.addEventListener("focusout", (event) => {
      if (this.editing && event.relatedTarget && !this.element.contains(event.relatedTarget)) this.close();
    });
    container.append(this.element);
  }

  send(value) {
    const { layer, unit, input } = this.pick;
    this.app.link.send("edit", { layer, unit, input: input ?? null, value });
  }

  look(pick, point) {
    if (!this.editing) this.show(pick, point);
  }

  /** Open for editing; the field has the focus. `back` gets it in the end. */
  open(pick, point, back) {
    this.editing = true;
    this.back = back;
    this.show(pick, point);
    this.number.input.focus({ preventScroll: true });
    this.number.input.select();
  }

  show(pick, point) {
    const { app } = this;
    this.pick = pick;
    setText(
      this.title,
      pick.what === "bias"
        ? `Bias of ${app.unitName(pick.layer, pick.unit)}`
        : `${app.inputName(pick.layer, pick.input)} → ${app.unitName(pick.layer, pick.unit)}`,
    );
    this.element.classList.toggle("editing", this.editing);
    setHidden(this.element, false);
    setHidden(this.edit, !this.editing);
    setHidden(this.value, this.editing);
    this.refresh(true);
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const within = this.container.getBoundingClientRect();
    this.element.style.left = `${Math.max(4, Math.min(within.width - width - 4, point.x - width / 2))}px`;
    this.element.style.top = `${point.y > height + 20 ? point.y - height - 12 : point.y + 14}px`;
  }

  refresh(force = false) {
    if (!this.pick || this.element.hidden) return;
    const value = this.valueOf(this.pick);
    setText(this.value, `${this.pick.what === "bias" ? "b" : "w"} = ${numberText(value, 4)}`);
    this.value.dataset.sign = value < 0 ? "less" : "more";
    if (this.editing && (force || !this.number.input.matches(":focus"))) this.number.show(Number(value.toPrecision(6)));
  }

  leave() {
    if (!this.editing) this.close();
  }

  close() {
    const focused = this.element.contains(this.element.getRootNode().activeElement);
    this.editing = false;
    setHidden(this.element, true);
    if (focused && this.back && this.back.isConnected) this.back.focus();
  }
}
