// Points drawn by hand into the large picture: by clicks, by dragging, or by the keyboard.
import { make, setHidden } from "./dom.js";
import { icon } from "./icons.js";
import { numberBox } from "./controls.js";
import { paintKey } from "./legend.js";

const SPACING = 14; // pixels between the points of one stroke
const GATHERED = 120; // milliseconds
const STRIDE = 0.05; // of the picture: what an arrow key moves

export class DrawTool {
  constructor(app, picture) {
    this.app = app;
    this.picture = picture;
    this.active = false;
    this.kind = 0;
    this.value = 1;
    this.cursor = [0.5, 0.5];
    this.keyboard = false;
    this.last = null;
    this.fresh = false;
    this.waiting = [];
    this.timer = null;
    this.button = make(
      "button",
      {
        type: "button",
        class: "plain",
        "data-action": "draw",
        "data-part": "draw",
        "aria-pressed": "false",
        title: "Draw points by hand",
        on: { click: () => this.turn(!this.active) },
      },
      icon("pencil", 16),
      make("span", {}, "Draw"),
    );
    this.kinds = make("div", { class: "kinds", role: "radiogroup", "aria-label": "Class of the next point" });
    this.number = numberBox({ kind: "number", step: 0.1 }, (value) => (this.value = Number(value) || 0), {
      "aria-label": "Value of the next point",
    });
    this.clear = make(
      "button",
      {
        type: "button",
        class: "plain",
        "data-action": "start-empty",
        title: "The next point starts an empty picture",
        on: { click: () => this.empty() },
      },
      icon("trash", 16),
      make("span", {}, "Empty"),
    );
    this.element = make("div", { class: "draw-tool", hidden: true }, this.kinds, this.number.box, this.clear);
    this.number.show(this.value);
    app.on("build", () => this.list());
    const { plot } = picture;
    plot.addEventListener("pointerdown", (event) => this.start(event));
    plot.addEventListener("pointermove", (event) => this.stroke(event));
    for (const name of ["pointerup", "pointercancel"]) plot.addEventListener(name, () => (this.last = null));
    plot.addEventListener("keydown", (event) => this.key(event));
    plot.addEventListener("blur", () => this.see(false));
  }

  turn(active) {
    this.active = active;
    this.fresh = false;
    this.button.setAttribute("aria-pressed", active);
    setHidden(this.element, !active);
    const { plot } = this.picture;
    plot.classList.toggle("drawing", active);
    plot.setAttribute("role", active ? "application" : "img");
    if (active) plot.setAttribute("tabindex", "0");
    else plot.removeAttribute("tabindex");
    if (active) this.list();
    this.picture.arrange();
  }

  /** What to do, in the place of the picture's title; null while nobody draws. */
  get hint() {
    if (!this.active) return null;
    return this.fresh ? "The next point starts an empty picture" : "Draw: click, drag, or arrows and Enter";
  }

  list() {
    if (!this.active || !this.app.build) return;
    const { task, classes } = this.app.build;
    const regression = task === "regression";
    setHidden(this.kinds, regression);
    setHidden(this.number.box, !regression);
    if (regression) return;
    const count = Math.min(this.app.catalog.limits.classes, Math.max(2, classes.length + 1, this.kind + 1));
    this.kind = Math.min(this.kind, count - 1);
    this.kinds.replaceChildren(
      ...Array.from({ length: count }, (_, k) => {
        const canvas = make("canvas", { "aria-hidden": "true" });
        paintKey(canvas, k, count);
        const label = classes[k] ?? `new class ${k + 1}`;
        return make(
          "button",
          {
            type: "button",
            role: "radio",
            class: "kind",
            "aria-checked": k === this.kind,
            "aria-label": String(label),
            title: `${label} (${k + 1})`,
            tabindex: k === this.kind ? 0 : -1,
            on: { click: () => this.choose(k), keydown: (event) => this.rove(event, k, count) },
          },
          canvas,
        );
      }),
    );
  }

  rove(event, k, count) {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    this.choose((k + way + count) % count);
  }

  choose(kind) {
    this.kind = kind;
    const focused = this.kinds.contains(this.kinds.getRootNode().activeElement);
    this.list();
    if (focused) this.kinds.children[kind].focus();
  }

  empty() {
    this.fresh = true;
    this.picture.paint();
  }

  // A stroke's points go together, for each message starts the network anew.
  add([x1, x2]) {
    const y = this.app.build.task === "regression" ? this.value : this.kind;
    this.waiting.push([x1, x2, y]);
    this.timer ??= setTimeout(() => this.send(), GATHERED);
  }

  send() {
    this.timer = null;
    this.app.link.send("draw", { points: this.waiting.splice(0), replace: this.fresh });
    this.fresh = false;
    this.list();
  }

  start(event) {
    if (!this.active || event.button !== 0) return;
    this.picture.plot.setPointerCapture(event.pointerId);
    this.see(false);
    this.last = this.picture.at(event);
    this.add(this.picture.toValues(this.last.x, this.last.y));
  }

  stroke(event) {
    if (!this.active || !this.last) return;
    const { x, y } = this.picture.at(event);
    const { clientWidth: width, clientHeight: height } = this.picture.plot;
    if (Math.hypot(x - this.last.x, y - this.last.y) < SPACING || x < 0 || y < 0 || x > width || y > height) return;
    this.last = { x, y };
    this.add(this.picture.toValues(x, y));
  }

  see(keyboard) {
    if (this.keyboard === keyboard) return;
    this.keyboard = keyboard;
    this.picture.paintMarks();
  }

  key(event) {
    if (!this.active) return;
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const { clientWidth: width, clientHeight: height } = this.picture.plot;
    if (move) {
      this.cursor = this.cursor.map((value, k) => Math.max(0, Math.min(1, value + STRIDE * move[k])));
      this.keyboard = true;
      this.picture.paintMarks();
    } else if (event.key === "Enter" || event.key === " ")
      this.add(this.picture.toValues(this.cursor[0] * width, this.cursor[1] * height));
    else if (/^[1-8]$/.test(event.key) && Number(event.key) <= this.kinds.children.length)
      this.choose(Number(event.key) - 1);
    else if (event.key === "Escape") this.turn(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The keyboard's crosshair. */
  paint(context, width, height) {
    if (!this.active || !this.keyboard) return;
    const [x, y] = [this.cursor[0] * width, this.cursor[1] * height];
    context.strokeStyle = this.app.theme === "dark" ? "#ffffff" : "#14181d";
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x - 9, y);
    context.lineTo(x + 9, y);
    context.moveTo(x, y - 9);
    context.lineTo(x, y + 9);
    context.stroke();
  }
}
