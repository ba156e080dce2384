// The loss curve as a part of the page: hover reads it, a click goes back to that epoch, so do arrow keys and Enter.
import { make, setAttribute, sharpContext } from "./dom.js";
import { LESS, MORE, cssColour } from "./colours.js";
import { epochText, lossText } from "./format.js";
import { chartScale, drawAxes, drawLosses, drawReading } from "./chart.js";

export class Curve {
  constructor(app) {
    this.app = app;
    this.row = null; // under the pointer, or chosen by the keyboard
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.box = make(
      "div",
      {
        class: "curve",
        tabindex: "0",
        role: "slider",
        "aria-label": "Loss curve: go back to an epoch",
        "aria-valuemin": "0",
        "aria-valuemax": "0",
        "aria-valuenow": "0",
        title: "Click to go back to that epoch",
      },
      this.canvas,
    );
    const log = make("input", {
      type: "checkbox",
      "data-view": "log",
      on: { change: () => app.setView("log", log.checked) },
    });
    log.checked = app.view.log;
    this.element = make(
      "div",
      { class: "curve-pane" },
      this.box,
      make(
        "div",
        { class: "curve-foot" },
        make("span", { class: "key train" }, "training"),
        make("span", { class: "key test" }, "test"),
        make(
          "label",
          { class: "check", title: "Loss on a logarithmic scale", "data-part": "log" },
          log,
          make("span", {}, "log scale"),
        ),
      ),
    );
    app.on("frame", () => this.paint());
    app.on("theme", () => this.paint());
    app.on("view", (name) => {
      log.checked = app.view.log;
      if (name === "log") this.paint();
    });
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.box);
    app.endings.push(() => this.observer.disconnect());
    this.box.addEventListener("pointermove", (event) => this.read(this.rowAt(event)));
    this.box.addEventListener("pointerleave", () => this.read(null));
    this.box.addEventListener("blur", () => this.read(null));
    this.box.addEventListener("click", (event) => this.go(this.rowAt(event)));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  ink() {
    const dark = this.app.theme === "dark";
    return {
      soft: dark ? "#9aa5b1" : "#5b6573",
      line: dark ? "#2a313a" : "#e3e7eb",
      card: dark ? "#1d222a" : "#ffffff",
      train: cssColour(dark ? [96, 170, 232] : MORE),
      test: cssColour(dark ? [240, 150, 60] : LESS),
    };
  }

  paint() {
    const [width, height] = [this.box.clientWidth, this.box.clientHeight];
    const { losses, view } = this.app;
    if (!width) return;
    const context = sharpContext(this.canvas, width, height);
    const scale = (this.scale = chartScale(losses, width, height, view.log));
    const ink = this.ink();
    drawAxes(context, scale, ink);
    drawLosses(context, losses.epochs, losses.test, scale, ink.test, [5, 3]);
    drawLosses(context, losses.epochs, losses.train, scale, ink.train, []);
    if (this.row !== null && this.row < losses.length)
      drawReading(
        context,
        losses,
        this.row,
        scale,
        ink,
        `epoch ${epochText(losses.epochs[this.row]).replace(/^[0,]+(?=\d)/, "")}`,
      );
    this.speak();
  }

  // For a screen reader, where the keyboard stands.
  speak() {
    const { losses } = this.app;
    const row = this.row ?? losses.length - 1;
    if (row < 0 || !(this.box.matches(":focus") || !this.app.playing)) return;
    setAttribute(this.box, "aria-valuemax", losses.epochs[losses.length - 1]);
    setAttribute(this.box, "aria-valuenow", losses.epochs[row]);
    setAttribute(
      this.box,
      "aria-valuetext",
      `epoch ${losses.epochs[row]}, training loss ${lossText(losses.train[row])}, test loss ${lossText(losses.test[row])}`,
    );
  }

  rowAt(event) {
    if (!this.scale) return null;
    const row = this.app.losses.nearest(this.scale.epoch(event.clientX - this.box.getBoundingClientRect().left));
    return row < 0 ? null : row;
  }

  read(row) {
    if (row === this.row) return;
    this.row = row;
    this.paint();
  }

  go(row) {
    const { losses, link } = this.app;
    if (row !== null && row >= 0 && row < losses.length) link.send("goto", { epoch: losses.epochs[row] });
  }

  key(event) {
    const { losses } = this.app;
    const end = losses.length - 1;
    const row = this.row ?? end;
    const next = {
      ArrowLeft: row - 1,
      ArrowRight: row + 1,
      ArrowDown: row - 1,
      ArrowUp: row + 1,
      PageDown: row - 10,
      PageUp: row + 10,
      Home: 0,
      End: end,
    }[event.key];
    if (next !== undefined) this.read(Math.max(0, Math.min(end, next)));
    else if (event.key === "Enter") this.go(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
