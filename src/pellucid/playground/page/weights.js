// Where a weight or a bias stands in θ: layer after layer, W row by row (inputs × units), then b.

/** @typedef {{ inputs: number, units: number, W: number, b: number }} Place */

/** For each layer {inputs, units, W, b}: its size and where its W and b begin. @param {number} inputs @param {{ units: number }[]} layers */
export function layerPlaces(inputs, layers) {
  let offset = 0;
  let fanIn = inputs;
  return layers.map(({ units }) => {
    const place = { inputs: fanIn, units, W: offset, b: offset + fanIn * units };
    offset = place.b + units;
    fanIn = units;
    return place;
  });
}

/** @param {Place[]} places @param {{ what: string, layer: number, unit: number, input: number }} pick */
export function weightIndex(places, { what, layer, unit, input }) {
  const { units, W, b } = places[layer];
  return what === "bias" ? b + unit : W + input * units + unit;
}

/**
 * How wide the curve of a weight is drawn, in pixels; `thinness` 1 where there is room, less where curves are many.
 * @param {number} weight @param {number} thinness
 */
export function strokeWidth(weight, thinness) {
  const size = Math.min(8, 0.4 + 1.3 * Math.abs(weight)) * thinness;
  return Math.max(0.3, Math.round(size * 5) / 5);
}

/** @param {number} weight */
export function signName(weight) {
  if (Number.isNaN(weight)) return "unknown";
  return weight < 0 ? "less" : "more";
}

/** A value as it is read aloud: the sign as a word. @param {number} weight @param {string} text */
export function spokenWeight(weight, text) {
  return weight < 0 ? `negative, ${text}` : `positive, ${text}`;
}
