// Where a number goes when it is nudged: by its step, or along 1, 3, 10, 30 where its scale is logarithmic.

const ROUND = [1, 3];

/**
 * @typedef {object} Field
 * @property {string} kind
 * @property {string} [name]
 * @property {number} [least]
 * @property {number} [most]
 * @property {number} [step]
 * @property {boolean} [log]
 */

/**
 * The next value in this direction (+1 or −1), within the field's range.
 * @param {Field} field @param {number} value @param {number} direction
 */
export function nudged(field, value, direction) {
  return clamped(field, isWide(field) ? nextRound(field, value, direction) : nextStep(field, value, direction));
}

// Counts without a step of their own, over a wide range, go by round numbers too; a seed goes by ones.
/** @param {Field} field */
function isWide({ log, kind, name, step, least = -Infinity, most = Infinity }) {
  return log || (kind === "integer" && !step && most - least > 1000 && name !== "seed");
}

/** @param {Field} field @param {number} value @param {number} direction */
function nextStep(field, value, direction) {
  const step = field.step || (field.kind === "integer" ? 1 : 0.1);
  const base = field.least ?? 0;
  const count = (value - base) / step;
  const next = direction > 0 ? Math.floor(count + 1e-9) + 1 : Math.ceil(count - 1e-9) - 1;
  return tidy(base + next * step);
}

/** @param {Field} field @param {number} value @param {number} direction */
function nextRound(field, value, direction) {
  const smallest = field.least && field.least > 0 ? field.least : field.kind === "integer" ? 1 : 1e-5;
  if (!(value > 0)) return direction > 0 ? smallest : 0;
  const power = Math.floor(Math.log10(value) + 1e-9);
  const candidates = [power - 1, power, power + 1].flatMap((one) => ROUND.map((digit) => tidy(digit * 10 ** one)));
  const next =
    direction > 0
      ? Math.min(...candidates.filter((candidate) => candidate > value * (1 + 1e-9)))
      : Math.max(...candidates.filter((candidate) => candidate < value * (1 - 1e-9)));
  return direction < 0 && field.least === 0 && next < smallest ? 0 : next;
}

/** @param {number} value */
function tidy(value) {
  return Number(value.toPrecision(10));
}

/** @param {Field} field @param {number} value */
export function clamped(field, value) {
  const whole = field.kind === "integer" ? Math.round(value) : value;
  return Math.min(field.most ?? Infinity, Math.max(field.least ?? -Infinity, whole));
}

const SLIDER = 1000; // positions of a slider

/** A value as a slider's position, and back. @param {Field} field @param {number} value */
export function sliderPosition(field, value) {
  const { low, high, forwards } = sliderScale(field);
  return Math.round((SLIDER * (forwards(value) - low)) / (high - low || 1));
}

/** @param {Field} field @param {number} position */
export function sliderValue(field, position) {
  const { low, high, backwards } = sliderScale(field);
  const value = backwards(low + ((high - low) * position) / SLIDER);
  const step = field.step || (field.kind === "integer" ? 1 : null);
  const base = field.least ?? 0;
  if (field.log) return clamped(field, Number(value.toPrecision(field.kind === "integer" ? 3 : 2)));
  return clamped(field, step ? tidy(base + Math.round((value - base) / step) * step) : value);
}

/** @param {Field} field */
function sliderScale({ log, least = 0, most = 1 }) {
  /** @param {number} value */
  const asItIs = (value) => value;
  /** @param {number} value */
  const logarithm = (value) => Math.log(Math.max(value, least || 1e-6));
  const [forwards, backwards] = log ? [logarithm, Math.exp] : [asItIs, asItIs];
  return { low: forwards(least), high: forwards(most), forwards, backwards };
}
