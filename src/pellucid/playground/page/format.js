// Numbers as text: as many digits as can be read at a glance, always the same width where they run.

const MINUS = "\u2212";

/** `digits` significant digits, without an exponent between 1e-4 and 1e6. */
export function numberText(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e6 || size < 1e-4)
    return value
      .toExponential(Math.max(0, digits - 2))
      .replace("e+", "e")
      .replaceAll("-", MINUS);
  const decimals = Math.max(0, Math.min(8, digits - 1 - Math.floor(Math.log10(size))));
  return value.toFixed(decimals).replace("-", MINUS);
}

/** A loss in at most seven characters, so that what stands beside it stays where it is. */
export function lossText(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return numberText(value);
  const size = Math.abs(value);
  if (size > 0 && size < 1e-3) return value.toExponential(1).replaceAll("-", MINUS);
  return size < 100 ? value.toFixed(4).replace("-", MINUS) : numberText(value, 4);
}

export function metricText(name, value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (name === "accuracy") return percentText(value);
  const text = value.toFixed(3).replace("-", MINUS);
  return text === "1.000" && value < 1 ? "0.999+" : text;
}

/** A share as percent; "100.0 %" and "0.0 %" are said only of what is exactly all or nothing. */
export function percentText(share) {
  const text = (100 * share).toFixed(1);
  if (text === "100.0" && share < 1) return ">99.9 %";
  if (text === "0.0" && share > 0) return "<0.1 %";
  return `${text} %`;
}

/** 1 234 567 as "1.23 M". */
export function compactText(value) {
  if (!Number.isFinite(value)) return "–";
  for (const [unit, name] of [
    [1e9, " G"],
    [1e6, " M"],
    [1e3, " k"],
  ]) {
    if (Math.abs(value) >= unit) return numberText(value / unit, 3) + name;
  }
  return numberText(value, 3);
}

/** Whole epochs as 000,123; between two batches with two decimals more. */
export function epochText(epoch) {
  const whole = Math.floor(epoch + 1e-9);
  const grouped = String(whole)
    .padStart(6, "0")
    .replace(/(\d)(?=(\d{3})+$)/g, "$1,");
  const rest = epoch - whole;
  return rest > 1e-6 ? grouped + Math.min(0.99, rest).toFixed(2).slice(1) : grouped;
}

export function secondsText(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
}

/** Round numbers between low and high, about `count` of them. */
export function ticks(low, high, count) {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++)
    found.push(Math.abs(k) < 1e-9 ? 0 : k * step);
  return found;
}

export function tickText(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e6) return compactText(value).replace(" ", "");
  if (size >= 1e4) return `${numberText(value / 1e3, 4).replace(/\.0+$/, "")}k`;
  if (size < 1e-3) return value.toExponential(0).replaceAll("-", MINUS);
  return String(Number(value.toPrecision(4))).replace("-", MINUS);
}
