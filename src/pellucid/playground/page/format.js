// Numbers as text: as many digits as can be read at a glance, always the same width where they run.

const MINUS = "\u2212";

/** @typedef {number | null | undefined} Maybe */

/**
 * `digits` significant digits, without an exponent between 1e-4 and 1e6.
 * @param {Maybe} value
 */
export function numberText(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  const size = Math.abs(Number(value.toPrecision(digits))); // as it will be read: 9.999 has one digit before the point more
  if (size === 0) return "0";
  if (size >= 1e6 || size < 1e-4)
    return value
      .toExponential(Math.max(0, digits - 2))
      .replace("e+", "e")
      .replaceAll("-", MINUS);
  const decimals = Math.max(0, Math.min(8, digits - 1 - Math.floor(Math.log10(size))));
  return value.toFixed(decimals).replace("-", MINUS);
}

/** A loss in at most seven characters, so that what stands beside it stays where it is. @param {Maybe} value */
export function lossText(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return numberText(value);
  const size = Math.abs(value);
  if (size > 0 && size < 1e-3) return value.toExponential(1).replaceAll("-", MINUS);
  return size < 99.99995 ? value.toFixed(4).replace("-", MINUS) : numberText(value, 4);
}

/** @param {string} name @param {Maybe} value */
export function metricText(name, value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (name === "accuracy") return percentText(value);
  const text = value.toFixed(3).replace("-", MINUS);
  return text === "1.000" && value < 1 ? "0.999+" : text;
}

/** A share as percent; "100.0 %" and "0.0 %" are said only of what is exactly all or nothing. @param {number} share */
export function percentText(share) {
  const text = (100 * share).toFixed(1);
  if (text === "100.0" && share < 1) return ">99.9 %";
  if (text === "0.0" && share > 0) return "<0.1 %";
  return `${text} %`;
}

const THOUSANDS = [
  { size: 1e9, name: " G" },
  { size: 1e6, name: " M" },
  { size: 1e3, name: " k" },
];

/** 1 234 567 as "1.23 M". @param {number} value */
export function compactText(value) {
  if (!Number.isFinite(value)) return "–";
  const rounded = Math.abs(Number(value.toPrecision(3)));
  const unit = THOUSANDS.find(({ size }) => rounded >= size);
  return unit ? numberText(value / unit.size, 3) + unit.name : numberText(value, 3);
}

/** Whole epochs as 000,123; between two batches with two decimals more. @param {number} epoch */
export function epochText(epoch) {
  const whole = Math.floor(epoch + 1e-9);
  const grouped = String(whole)
    .padStart(6, "0")
    .replace(/(\d)(?=(\d{3})+$)/g, "$1,");
  const rest = epoch - whole;
  return rest > 1e-6 ? grouped + Math.min(0.99, rest).toFixed(2).slice(1) : grouped;
}

/** @param {number} seconds */
export function secondsText(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
}

/** Round numbers between low and high, about `count` of them. @param {number[]} range @param {number} count */
export function ticks([low, high], count) {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++)
    found.push(Math.abs(k) < 1e-9 ? 0 : k * step);
  return found;
}

/** @param {number} value */
export function tickText(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e6) return compactText(value).replace(" ", "");
  if (size >= 1e4) return `${numberText(value / 1e3, 4).replace(/\.0+$/, "")}k`;
  if (size < 1e-3) return value.toExponential(0).replaceAll("-", MINUS);
  return String(Number(value.toPrecision(4))).replace("-", MINUS);
}
