// The tiles of the diagram: a heat map in every unit with its bias at a corner, and the features that can be switched on.
import { make, setAttribute, setText } from "./dom.js";
import { numberText } from "./format.js";
import { paintMap } from "./tiles.js";
import { signName } from "./weights.js";

function place(element, x, y, tile) {
  element.style.left = `${x - tile / 2}px`;
  element.style.top = `${y - tile / 2}px`;
  element.style.width = element.style.height = `${tile}px`;
}

/** Elements by key that outlive a rebuild, so that the focus stays where it is. */
class Pool {
  constructor(container, create) {
    this.container = container;
    this.create = create;
    this.members = new Map();
  }

  /** The members of these keys, in order; others leave. */
  arrange(keys) {
    const wanted = new Set(keys);
    for (const [key, member] of this.members) {
      if (wanted.has(key)) continue;
      member.element.remove();
      this.members.delete(key);
    }
    return keys.map((key) => {
      if (!this.members.has(key)) {
        const member = this.create(key);
        this.members.set(key, member);
        this.container.append(member.element);
      }
      return this.members.get(key);
    });
  }
}

export class Features {
  constructor(app, container) {
    this.app = app;
    this.tiles = [];
    this.pool = new Pool(container, (name) => this.create(name));
  }

  create(name) {
    const { app } = this;
    const canvas = make("canvas", { "aria-hidden": "true" });
    const label = make("span", { class: "feature-label", "aria-hidden": "true" });
    const button = make(
      "button",
      {
        type: "button",
        class: "tile feature",
        "data-feature": name,
        tabindex: "-1",
        on: {
          click: () => this.toggle(name),
          pointerenter: () => app.setHover({ feature: this.position(name) }),
          pointerleave: () => app.setHover(null),
          focus: () => button.matches(":focus-visible") && app.setHover({ feature: this.position(name) }),
          blur: () => app.setHover(null),
        },
      },
      canvas,
    );
    return { element: make("div", { class: "spot" }, label, button), button, canvas, label };
  }

  position(name) {
    return this.app.build.features.findIndex((feature) => feature.name === name);
  }

  toggle(name) {
    const on = new Set(this.app.settings.features);
    if (!on.delete(name)) on.add(name);
    this.app.set(
      "features",
      this.app.build.features.map((feature) => feature.name).filter((one) => on.has(one)),
    );
  }

  arrange(geometry) {
    const { features } = this.app.build;
    const { x, ys } = geometry.columns[0];
    this.tiles = this.pool.arrange(features.map(({ name }) => name));
    for (const [k, { button, label }] of this.tiles.entries()) {
      const { on, label: text } = features[k];
      place(button, x, ys[k], geometry.tile);
      setText(label, text);
      label.title = text;
      label.style.top = `${ys[k]}px`;
      label.style.width = `${x - geometry.tile / 2 - 10}px`;
      button.classList.toggle("off", !on);
      setAttribute(button, "aria-pressed", on);
      setAttribute(button, "aria-label", `input ${text}`);
      button.title = on ? `${text}: click to switch it off` : `${text}: click to switch it on`;
      label.classList.toggle("off", !on);
    }
  }

  paint(table) {
    const { arrays, grid } = this.app.build;
    const side = Math.floor(grid / 2);
    const size = side * side;
    for (const [k, { canvas }] of this.tiles.entries())
      paintMap(canvas, arrays.feature_maps.subarray(k * size, (k + 1) * size), side, table);
  }
}

export class Units {
  /** `told` has enter(pick, point), leave(), chosen(pick, point). */
  constructor(app, container, told) {
    this.app = app;
    this.told = told;
    this.layers = [];
    this.labelled = 0;
    this.pool = new Pool(container, (key) => this.create(...key.split(":").map(Number)));
  }

  create(layer, unit) {
    const { app, told } = this;
    const canvas = make("canvas", { "aria-hidden": "true" });
    const value = make("span", { class: "unit-value", hidden: true, "aria-hidden": "true" });
    const button = make(
      "button",
      {
        type: "button",
        class: "tile unit",
        "data-layer": layer,
        "data-unit": unit,
        tabindex: "-1",
        on: {
          click: () => told.chosen({ what: "unit", layer, unit }),
          pointerenter: () => app.setHover({ layer, unit }),
          pointerleave: () => app.setHover(null),
          focus: () => button.matches(":focus-visible") && app.setHover({ layer, unit }),
          blur: () => app.setHover(null),
        },
      },
      canvas,
      value,
    );
    const biasPick = { what: "bias", layer, unit, input: null };
    const point = () => ({ x: bias.offsetLeft + bias.offsetWidth / 2, y: bias.offsetTop + bias.offsetHeight / 2 });
    const bias = make("button", {
      type: "button",
      class: "bias",
      "data-layer": layer,
      "data-unit": unit,
      tabindex: "-1",
      on: {
        click: () => told.chosen(biasPick, point()),
        pointerenter: () => told.enter(biasPick, point()),
        pointerleave: () => told.leave(),
        focus: () => told.enter(biasPick, point()),
        blur: () => told.leave(),
      },
    });
    const label = make("span", { class: "output-label", "aria-hidden": "true" });
    return { element: make("div", { class: "spot" }, button, bias, label), button, bias, canvas, value, label };
  }

  arrange(geometry) {
    const { layers, outputs } = this.app.build;
    const keys = layers.flatMap(({ units }, layer) => Array.from({ length: units }, (_, unit) => `${layer}:${unit}`));
    const members = this.pool.arrange(keys);
    let next = 0;
    this.layers = layers.map(({ units }) => members.slice(next, (next += units)));
    for (const [layer, column] of this.layers.entries()) {
      const { x, ys } = geometry.columns[layer + 1];
      const last = layer === layers.length - 1;
      for (const [unit, { button, bias, label }] of column.entries()) {
        place(button, x, ys[unit], geometry.tile);
        bias.style.left = `${x - geometry.tile / 2 - 3}px`;
        bias.style.top = `${ys[unit] + geometry.tile / 2 - 7}px`;
        button.classList.toggle("answer", last);
        setText(label, last ? String(outputs[unit] ?? "") : "");
        label.title = label.textContent;
        label.style.left = `${x + geometry.tile / 2 + 8}px`;
        label.style.top = `${ys[unit]}px`;
      }
    }
    this.labelled = 0;
  }

  paint(frame, places, table) {
    const side = Math.floor(this.app.build.grid / 2);
    const size = side * side;
    const { maps, theta } = frame.arrays;
    const speak = !this.app.playing || performance.now() - this.labelled > 500;
    if (speak) this.labelled = performance.now();
    let k = 0;
    for (const [layer, column] of this.layers.entries()) {
      for (const [unit, { button, bias, canvas }] of column.entries()) {
        paintMap(canvas, maps.subarray(k * size, (k + 1) * size), side, table);
        k += 1;
        const b = theta[places[layer].b + unit];
        setAttribute(bias, "data-sign", signName(b));
        if (!speak) continue;
        setAttribute(button, "aria-label", `${this.app.unitName(layer, unit)}, bias ${numberText(b)}`);
        setAttribute(bias, "aria-label", `bias of ${this.app.unitName(layer, unit)}: ${numberText(b)}`);
      }
    }
  }

  mark(pick) {
    for (const [layer, column] of this.layers.entries()) {
      for (const [unit, { button, bias }] of column.entries()) {
        const here = pick && pick.layer === layer && pick.unit === unit;
        setAttribute(button, "aria-pressed", Boolean(here && pick.what === "unit"));
        bias.classList.toggle("chosen", Boolean(here && pick.what === "bias"));
      }
    }
  }

  /** A stage of a step told slowly: its layer stands out, its values are written on the tiles. */
  stage(stage) {
    for (const [layer, column] of this.layers.entries()) {
      for (const [unit, { button, value }] of column.entries()) {
        button.classList.toggle("told", Boolean(stage && stage.layer === layer));
        const values = stage && stage.layer === layer ? stage.values : null;
        value.hidden = !values;
        setText(value, values ? numberText(values[unit], 2) : "");
      }
    }
  }
}
