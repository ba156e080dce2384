// Colours: blue is more, orange is less, and eight classes that colour-blind people can tell apart.

export const LESS = [217, 110, 10];
export const MORE = [24, 108, 184];
/** @type {Record<string, number[]>} */
const NEUTRAL = { light: [243, 244, 245], dark: [34, 39, 46] };
const CLASSES = [
  LESS,
  MORE,
  [0, 143, 105],
  [200, 90, 160],
  [222, 180, 20],
  [80, 175, 230],
  [112, 78, 190],
  [120, 86, 66],
];

/** @param {number} index */
export function classColour(index) {
  return CLASSES[index % CLASSES.length];
}

/** @param {number[]} colour red, green and blue, 0…255 */
export function cssColour([red, green, blue], alpha = 1) {
  return alpha === 1 ? `rgb(${red} ${green} ${blue})` : `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** @param {number[]} from @param {number[]} to @param {number} share */
function mixed(from, to, share) {
  return from.map((value, k) => Math.round(value + (to[k] - value) * share));
}

// As one 32-bit number in the order that an ImageData of a little-endian machine has.
/** @param {number[]} colour */
function packed([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** The colour of `value` in −1…1: orange, neutral, blue. @param {number} value @param {string} theme */
export function valueColour(value, theme) {
  const share = Math.min(1, Math.abs(value)) ** 0.9;
  return mixed(NEUTRAL[theme], value < 0 ? LESS : MORE, share * 0.95);
}

/** 256 packed colours for int8 values + 128: −127…127 from orange to blue; −128, which is no number, grey. @param {string} theme */
export function valueTable(theme) {
  const table = new Uint32Array(256);
  for (let value = -127; value <= 127; value++) table[value + 128] = packed(valueColour(value / 127, theme));
  table[0] = packed([128, 128, 128]);
  return table;
}

/** Packed colours for the likeliest class (row of 256) at each confidence 0…255 above chance. @param {string} theme @param {number} count */
export function classTable(theme, count) {
  const table = new Uint32Array(256 * count);
  for (let k = 0; k < count; k++) {
    for (let share = 0; share < 256; share++)
      table[256 * k + share] = packed(mixed(NEUTRAL[theme], classColour(k), 0.58 * (share / 255) ** 0.8));
  }
  return table;
}
