// What stands above the columns of the diagram: how many units, which activation; and how many layers there are.
import { make, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { fillSelect, selectBox, showSelected } from "./controls.js";

const FRESH_UNITS = 4;

function small(name, title, shape, clicked) {
  return make(
    "button",
    { type: "button", class: "small", "data-action": name, "aria-label": title, title, on: { click: clicked } },
    icon(shape, 14),
  );
}

function activationField(app) {
  return app.catalog.schema.find((field) => field.name === "activations");
}

/** Sets the hidden layers and, with them, an activation for each. */
function setLayers(app, hidden) {
  const activations = app.settings.activations;
  const last = activations.at(-1) ?? activationField(app).choices[0].value;
  app.set(
    "activations",
    hidden.map((_, layer) => activations[layer] ?? last),
  );
  app.set("hidden", hidden);
}

/** + and − for the number of hidden layers. */
export function layerCounter(app) {
  const text = make("output", { class: "count" });
  const hidden = () => app.settings.hidden;
  const fewer = small(
    "fewer-layers",
    "Remove the last hidden layer",
    "minus",
    () => hidden().length > 0 && setLayers(app, hidden().slice(0, -1)),
  );
  const more = small(
    "more-layers",
    "Add a hidden layer",
    "plus",
    () =>
      hidden().length < app.catalog.limits.layers &&
      setLayers(app, [...hidden(), Math.min(hidden().at(-1) ?? FRESH_UNITS, FRESH_UNITS)]),
  );
  app.on("settings", () => {
    if (!hidden()) return;
    setText(text, `${hidden().length} hidden ${hidden().length === 1 ? "layer" : "layers"}`);
    setAttribute(fewer, "aria-disabled", hidden().length === 0);
    setAttribute(more, "aria-disabled", hidden().length >= app.catalog.limits.layers);
  });
  return make(
    "div",
    { class: "layer-counter", role: "group", "aria-label": "Hidden layers", "data-part": "layers" },
    fewer,
    text,
    more,
  );
}

/** The heads of the columns, kept over rebuilds so that the focus stays. */
export class LayerHeads {
  constructor(app, container) {
    this.app = app;
    this.container = container;
    this.heads = [];
    this.ends = [make("div", { class: "head end" }), make("div", { class: "head end" })];
    container.append(...this.ends);
    app.on("settings", () => this.show());
  }

  create(layer) {
    const { app } = this;
    const change = (by) => {
      const hidden = [...app.settings.hidden];
      hidden[layer] += by;
      if (hidden[layer] >= 1 && hidden[layer] <= app.catalog.limits.units) setLayers(app, hidden);
    };
    const name = `hidden layer ${layer + 1}`;
    const count = make("span", { class: "count" });
    const fewer = small("fewer-units", `Remove a unit from ${name}`, "minus", () => change(-1));
    const more = small("more-units", `Add a unit to ${name}`, "plus", () => change(1));
    const { select, box } = selectBox(
      { "aria-label": `Activation of ${name}`, title: `Activation of ${name}` },
      activationField(app).choices,
      (value) => {
        const activations = [...app.settings.activations];
        activations[layer] = value;
        app.set("activations", activations);
      },
    );
    fillSelect(select, activationField(app).choices);
    const element = make(
      "div",
      { class: "head", "data-layer": layer },
      count,
      make("div", { class: "pair", "data-part": "units" }, fewer, more),
      make("div", { class: "activation", "data-part": "activations" }, box),
    );
    this.container.append(element);
    return { element, count, fewer, more, select };
  }

  arrange(geometry) {
    const { build } = this.app;
    const hidden = build.layers.length - 1;
    for (const head of this.heads.splice(hidden)) head.element.remove();
    while (this.heads.length < hidden) this.heads.push(this.create(this.heads.length));
    this.narrow = geometry.pitch < 70;
    const width = Math.max(48, Math.min(112, geometry.pitch - 6));
    for (const [layer, { element }] of this.heads.entries()) {
      element.style.left = `${geometry.columns[layer + 1].x - width / 2}px`;
      element.style.width = `${width}px`;
      element.classList.toggle("narrow", this.narrow);
    }
    const on = this.app.inputs().length;
    const output = build.layers.at(-1);
    this.end(this.ends[0], geometry.columns[0].x, `${on} ${on === 1 ? "input" : "inputs"}`, "");
    this.end(
      this.ends[1],
      geometry.columns.at(-1).x,
      build.task === "regression" ? "Output" : output.units === 1 ? "Output" : `${output.units} outputs`,
      output.activation,
    );
    this.show();
    this.app.emit("parts");
  }

  end(element, x, title, detail) {
    element.replaceChildren(make("span", { class: "count" }, title), make("span", { class: "detail" }, detail));
    element.style.left = `${x - 48}px`;
    element.style.width = "96px";
  }

  show() {
    const { hidden, activations } = this.app.settings;
    for (const [layer, { count, fewer, more, select }] of this.heads.entries()) {
      if (!hidden || hidden[layer] === undefined) continue;
      setText(
        count,
        this.narrow ? String(hidden[layer]) : `${hidden[layer]} ${hidden[layer] === 1 ? "unit" : "units"}`,
      );
      setAttribute(fewer, "aria-disabled", hidden[layer] <= 1);
      setAttribute(more, "aria-disabled", hidden[layer] >= this.app.catalog.limits.units);
      if (activations && activations[layer] !== undefined) showSelected(select, activations[layer]);
    }
  }
}
