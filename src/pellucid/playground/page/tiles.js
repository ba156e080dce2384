// Heat maps: bytes through a colour table into canvases of the maps' own size; the style sheet scales them.

const cachedImages = new Map();

function imageOf(side) {
  let cached = cachedImages.get(side);
  if (!cached) {
    const image = new ImageData(side, side);
    cached = { image, pixels: new Uint32Array(image.data.buffer) };
    cachedImages.set(side, cached);
  }
  return cached;
}

function contextOf(canvas, side) {
  if (canvas.width !== side || canvas.height !== side) [canvas.width, canvas.height] = [side, side];
  return (canvas.mapContext ??= canvas.getContext("2d", { alpha: false, willReadFrequently: true }));
}

/** One map of int8 values, side × side. */
export function paintMap(canvas, values, side, table) {
  const { image, pixels } = imageOf(side);
  for (let k = 0; k < pixels.length; k++) pixels[k] = table[values[k] + 128];
  contextOf(canvas, side).putImageData(image, 0, 0);
}

/** The likeliest class of each point, fading to neutral where it is no more likely than chance; or at full strength. */
export function paintClasses(canvas, values, side, count, table, sharp) {
  const { image, pixels } = imageOf(side);
  const n = side * side;
  const chance = 255 / Math.max(2, count);
  for (let k = 0; k < n; k++) {
    let [best, most] = [0, values[k]];
    if (count === 1)
      [best, most] = most >= 128 ? [1, most] : [0, 255 - most]; // one unit: the probability of the second class
    else for (let c = 1; c < count; c++) if (values[c * n + k] > most) [best, most] = [c, values[c * n + k]];
    const share = sharp ? 255 : Math.max(0, Math.round((255 * (most - chance)) / (255 - chance)));
    pixels[k] = table[256 * best + share];
  }
  contextOf(canvas, side).putImageData(image, 0, 0);
}

/** A regression's answer; sharp shows its sign alone. */
export function paintValues(canvas, values, side, table, sharp) {
  const { image, pixels } = imageOf(side);
  for (let k = 0; k < pixels.length; k++) {
    const value = values[k];
    pixels[k] = table[(sharp && value !== -128 ? (value < 0 ? -90 : 90) : value) + 128];
  }
  contextOf(canvas, side).putImageData(image, 0, 0);
}
