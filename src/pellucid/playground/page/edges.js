// The weights as curves: as wide as |w|, blue where w > 0, orange where w < 0. Each has a wider twin, unseen, to be hit.
import { makeSvg, setAttribute } from "./dom.js";
import { numberText } from "./format.js";
import { curveBetween } from "./geometry.js";
import { layerPlaces, signName, spokenWeight, strokeWidth, weightIndex } from "./weights.js";

const MANY = 60; // above this the curves get thinner
const TOO_MANY_TO_MOVE = 420; // above this the dashes stand still, and while it trains
const SELDOM = 300; // milliseconds pass between two looks at the weights, for to draw so many curves takes longer than a frame

/** The edges within `svg`; `told` has enter(pick, point), leave() and chosen(pick, point). */
export class Edges {
  constructor(app, svg, told) {
    this.app = app;
    this.seen = makeSvg("g", { class: "edges" });
    this.hit = makeSvg("g", { class: "edge-hits" });
    svg.append(this.seen, this.hit);
    this.edges = [];
    this.signature = "";
    /** @type {ReturnType<typeof layerPlaces>} */
    this.places = [];
    this.thinness = 1;
    this.painted = 0;
    const edgeOf = (event) => this.edges[event.target.dataset.edge];
    this.hit.addEventListener("pointerover", (event) => {
      const edge = edgeOf(event);
      if (edge) told.enter(edge.pick, this.middle(edge));
      if (edge) edge.seen.classList.add("near");
    });
    this.hit.addEventListener("pointerout", (event) => {
      const edge = edgeOf(event);
      if (edge) edge.seen.classList.remove("near");
      told.leave();
    });
    this.hit.addEventListener("click", (event) => {
      const edge = edgeOf(event);
      if (edge) told.chosen(edge.pick, this.middle(edge));
    });
    this.hit.addEventListener("focusin", (event) => {
      const edge = edgeOf(event);
      if (!edge) return;
      edge.seen.classList.add("near");
      this.label(edge);
      told.enter(edge.pick, this.middle(edge));
    });
    this.hit.addEventListener("focusout", (event) => {
      const edge = edgeOf(event);
      if (edge) edge.seen.classList.remove("near");
      told.leave();
    });
  }

  middle(edge) {
    const point = edge.hit.getPointAtLength(edge.hit.getTotalLength() / 2);
    return { x: point.x, y: point.y };
  }

  /** Anew where the structure or the places have changed. */
  arrange(geometry) {
    const { app } = this;
    const on = app.build.features.map((feature, k) => (feature.on ? k : -1)).filter((k) => k >= 0);
    const signature = JSON.stringify([on, geometry.columns, geometry.tile]);
    if (signature === this.signature) return;
    this.signature = signature;
    this.painted = 0;
    this.places = layerPlaces(on.length, app.build.layers);
    this.edges = [];
    for (const [layer, { inputs, units }] of this.places.entries()) {
      const [from, to] = [geometry.columns[layer], geometry.columns[layer + 1]];
      for (let input = 0; input < inputs; input++) {
        const y = from.ys[layer === 0 ? on[input] : input];
        for (let unit = 0; unit < units; unit++) {
          const pick = { what: "weight", layer, unit, input };
          const d = curveBetween({ x: from.x, y }, { x: to.x, y: to.ys[unit] }, geometry.tile);
          this.edges.push({ pick, index: weightIndex(this.places, pick), width: null, sign: null, d, weight: 0 });
        }
      }
    }
    this.thinness = Math.max(0.4, Math.min(1, (MANY / this.edges.length) ** 0.35));
    for (const [k, edge] of this.edges.entries()) {
      const { layer, unit, input } = edge.pick;
      edge.seen = makeSvg("path", {
        d: edge.d,
        class: "edge",
        "data-layer": layer,
        "data-unit": unit,
        "data-input": input,
      });
      edge.hit = makeSvg("path", {
        d: edge.d,
        class: "edge-hit",
        "data-edge": k,
        "data-layer": layer,
        "data-unit": unit,
        "data-input": input,
        role: "button",
        tabindex: "-1",
      });
      setAttribute(
        edge.hit,
        "aria-label",
        `weight from ${app.inputName(layer, input)} to ${app.unitName(layer, unit)}`,
      );
    }
    this.seen.replaceChildren(...this.edges.map(({ seen }) => seen));
    this.hit.replaceChildren(...this.edges.map(({ hit }) => hit));
    this.move(app.playing);
  }

  paint(theta) {
    if (this.app.playing && this.edges.length > TOO_MANY_TO_MOVE) {
      if (performance.now() - this.painted < SELDOM) return;
      this.painted = performance.now();
    }
    for (const edge of this.edges) {
      const weight = theta[edge.index];
      edge.weight = weight;
      const width = strokeWidth(weight, this.thinness);
      if (width !== edge.width) {
        edge.width = width;
        edge.seen.setAttribute("stroke-width", width);
      }
      const sign = signName(weight);
      if (sign !== edge.sign) {
        edge.sign = sign;
        edge.seen.setAttribute("data-sign", sign);
      }
    }
    if (!this.app.playing) for (const edge of this.edges) this.label(edge);
  }

  label(edge) {
    const { layer, unit, input } = edge.pick;
    const value = spokenWeight(edge.weight, numberText(edge.weight));
    setAttribute(
      edge.hit,
      "aria-label",
      `weight from ${this.app.inputName(layer, input)} to ${this.app.unitName(layer, unit)}: ${value}`,
    );
  }

  /** Dashes run while it trains, unless there are too many for that to be cheap. */
  move(playing) {
    this.seen.classList.toggle("moving", playing && this.edges.length <= TOO_MANY_TO_MOVE);
  }

  mark(pick) {
    for (const edge of this.edges) {
      const { layer, unit, input } = edge.pick;
      const chosen =
        pick && pick.what === "weight" && pick.layer === layer && pick.unit === unit && pick.input === input;
      edge.seen.classList.toggle("chosen", Boolean(chosen));
    }
  }

  /** The edges into one unit, for the keyboard. */
  into(layer, unit) {
    return this.edges.filter(({ pick }) => pick.layer === layer && pick.unit === unit).map(({ hit }) => hit);
  }
}
