// Where everything of the diagram stands: columns of tiles, as large as the fullest column lets them be.

const HEAD = 92; // pixels for what stands above each column
const FOOT = 10;
const LARGEST = 50;
const GAP = 7;
const SMALLEST = 18;

/** @typedef {{ x: number, y: number }} Point */
/** @typedef {{ features: { label: string }[], layers: { units: number }[], outputs: (string | number)[] }} Build */

/** @param {(string | number)[]} labels @param {number} most */
function labelRoom(labels, most) {
  return Math.min(most, 14 + 7.5 * Math.max(0, ...labels.map((label) => String(label).length)));
}

/** What the fullest column needs even with the smallest tiles. @param {Build} build */
export function leastHeight(build) {
  const fullest = Math.max(build.features.length, ...build.layers.map(({ units }) => units));
  return Math.max(430, HEAD + FOOT + Math.min(fullest, 16) * 27, HEAD + FOOT + fullest * (SMALLEST + 4));
}

/**
 * {tile, pitch, height, columns: [{x, ys}]}; x and y are centres. Column 0 holds all features, the last the outputs.
 * @param {Build} build @param {number} width @param {number} height
 */
export function geometryOf(build, width, height) {
  const counts = [build.features.length, ...build.layers.map(({ units }) => units)];
  const fullest = Math.max(...counts);
  const room = height - HEAD - FOOT;
  const left = labelRoom(
    build.features.map(({ label }) => label),
    96,
  );
  const right = labelRoom(build.outputs, 84);
  const pitchBound = (width - left - right - 40) / Math.max(1, counts.length - 1);
  const tile = Math.max(
    SMALLEST,
    Math.floor(Math.min(LARGEST, room / fullest - (fullest > 12 ? 4 : GAP), pitchBound * 0.72)),
  );
  const pitch = (width - left - right - tile) / Math.max(1, counts.length - 1);
  const gap = Math.min(room / fullest - tile, fullest > 8 ? GAP : 26);
  const columns = counts.map((count, column) => {
    const top = HEAD + (room - count * tile - (count - 1) * gap) / 2;
    return {
      x: left + tile / 2 + column * pitch,
      ys: Array.from({ length: count }, (_, k) => top + tile / 2 + k * (tile + gap)),
    };
  });
  return { width, height, tile, pitch, columns };
}

/**
 * The curve from the right side of one tile to the left side of another.
 * @param {Point} from @param {Point} to @param {number} tile
 */
export function curveBetween(from, to, tile) {
  const [x1, x2] = [from.x + tile / 2, to.x - tile / 2];
  const middle = (x2 - x1) * 0.5;
  const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;
  return `M${round(x1)} ${round(from.y)}C${round(x1 + middle)} ${round(from.y)} ${round(x2 - middle)} ${round(to.y)} ${round(x2)} ${round(to.y)}`;
}
