// The network as a picture: features, hidden layers, outputs; hover enlarges, click explains, the keyboard reaches all of it.
import { innerSize, make, makeSvg, setAttribute } from "./dom.js";
import { valueTable } from "./colours.js";
import { geometryOf, leastHeight } from "./geometry.js";
import { Edges } from "./edges.js";
import { Features, Units } from "./units.js";
import { LayerHeads, layerCounter } from "./layers.js";
import { WeightCard } from "./card.js";
import { weightIndex } from "./weights.js";
import { settingsGroup } from "./settings.js";

export class Diagram {
  constructor(app) {
    this.app = app;
    this.svg = makeSvg("svg", { class: "wires", "aria-label": "Weights", role: "group" });
    this.field = make(
      "div",
      {
        class: "diagram-field",
        role: "group",
        "aria-label": "Network; arrow keys move among the units, W goes to a unit's weights",
      },
      this.svg,
    );
    this.box = make("div", { class: "diagram" }, this.field);
    this.element = make(
      "section",
      { class: "pane network", "aria-label": "Network" },
      make(
        "header",
        {},
        make("h2", {}, "Network"),
        layerCounter(app),
        settingsGroup(app, "network", { label: "Network settings" }),
      ),
      this.box,
    );
    const told = {
      enter: (pick, point) => this.card.look(pick, point),
      leave: () => this.card.leave(),
      chosen: (pick, point) => this.choose(pick, point),
    };
    this.heads = new LayerHeads(app, this.field);
    this.edges = new Edges(app, this.svg, told);
    this.features = new Features(app, this.field);
    this.units = new Units(app, this.field, told);
    this.card = new WeightCard(app, this.field, (pick) => this.weight(pick));
    this.table = valueTable(app.theme);
    this.focused = { column: 1, row: 0 };
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("focusin", (event) => this.remember(event.target));
    this.observer = new ResizeObserver(() => app.build && this.arrange());
    this.observer.observe(this.box);
    app.endings.push(() => this.observer.disconnect());
    app.on("build", () => this.arrange());
    app.on("frame", (frame) => this.paint(frame));
    app.on("theme", (theme) => {
      this.table = valueTable(theme);
      if (app.build) this.features.paint(this.table);
    });
    app.on("playing", (playing) => this.edges.move(playing));
    app.on("pick", (pick) => this.mark(pick));
    app.on("stage", (stage) => {
      this.units.stage(stage);
      this.element.classList.toggle("telling", Boolean(stage));
      this.element.dataset.stage = stage ? stage.kind : "";
    });
  }

  arrange() {
    this.box.style.minHeight = `${leastHeight(this.app.build)}px`;
    const { width, height } = innerSize(this.box);
    if (width < 50) return;
    this.geometry = geometryOf(this.app.build, width, height);
    setAttribute(this.svg, "width", width);
    setAttribute(this.svg, "height", this.geometry.height);
    this.edges.arrange(this.geometry);
    this.heads.arrange(this.geometry);
    this.features.arrange(this.geometry);
    this.units.arrange(this.geometry);
    this.features.paint(this.table);
    if (this.card.pick && !this.app.exists(this.card.pick)) this.card.close();
    this.mark(this.app.pick);
    this.focused.column = Math.min(this.focused.column, this.columns().length - 1);
    this.rove();
    const { frame, build } = this.app;
    if (frame && frame.generation === build.generation) this.paint(frame);
  }

  paint(frame) {
    if (!this.geometry) return;
    this.units.paint(frame, this.edges.places, this.table);
    this.edges.paint(frame.arrays.theta);
    this.card.refresh();
  }

  weight(pick) {
    const { frame } = this.app;
    return frame ? frame.arrays.theta[weightIndex(this.edges.places, pick)] : NaN;
  }

  choose(pick, point) {
    const { app } = this;
    const same = app.pick && JSON.stringify(app.pick) === JSON.stringify(pick);
    if (pick.what === "unit" && same) return app.choose(null);
    app.choose(pick);
    if (pick.what === "unit") this.card.close();
    else this.card.open(pick, point, this.field.getRootNode().activeElement);
  }

  mark(pick) {
    this.units.mark(pick);
    this.edges.mark(pick);
  }

  // One tab stop for the whole field; arrows move among columns and rows.
  columns() {
    return [this.features.tiles, ...this.units.layers].map((column) => column.map(({ button }) => button));
  }

  rove() {
    const { column, row } = this.focused;
    for (const [c, buttons] of this.columns().entries()) {
      const here = Math.min(row, buttons.length - 1);
      for (const [r, button] of buttons.entries()) button.tabIndex = c === column && r === here ? 0 : -1;
    }
  }

  remember(target) {
    for (const [column, buttons] of this.columns().entries()) {
      const row = buttons.indexOf(target);
      if (row < 0) continue;
      this.focused = { column, row };
      this.rove();
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    const done = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (target.classList.contains("tile")) {
      const columns = this.columns();
      const { column, row } = this.focused;
      const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
        event.key
      ] || [0, 0];
      if (across || down) {
        const next = columns[Math.max(0, Math.min(columns.length - 1, column + across))];
        if (next.length) next[Math.max(0, Math.min(next.length - 1, row + down))].focus();
        done();
      } else if (event.key.toLowerCase() === "w" && column > 0) {
        this.weightsOf(column - 1, row)[0].focus();
        done();
      }
    } else if (target.classList.contains("edge-hit") || target.classList.contains("bias")) {
      const { layer, unit } = target.dataset;
      const weights = this.weightsOf(Number(layer), Number(unit));
      const move = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
      if (move) weights[(weights.indexOf(target) + move + weights.length) % weights.length].focus();
      else if (event.key === "Escape") this.units.layers[layer][unit].button.focus();
      else if (event.key === "Enter" && target.classList.contains("edge-hit"))
        target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      else return;
      done();
    }
  }

  weightsOf(layer, unit) {
    return [...this.edges.into(layer, unit), this.units.layers[layer][unit].bias];
  }
}
