// The state in the address, after #: settings that differ from their defaults, and the page's own switches.

export const SWITCHES = {
  show_test: false,
  sharp: false,
  log: false,
  theme: "auto",
  hide: [],
  by: "epoch",
  animate: false,
};

/** @typedef {string | number | boolean | Value[]} Value */
/** @typedef {Record<string, any>} Values */

/**
 * What an address says: the settings for Python, the page's switches, a lesson's name. Lists stand in parentheses.
 * @param {string} hash
 */
export function readAddress(hash) {
  /** @type {{ settings: Values, view: Values, lesson: string | null }} */
  const found = { settings: {}, view: {}, lesson: null };
  for (const part of hash.replace(/^#/, "").split("&")) {
    if (!part.includes("=")) continue;
    const name = decoded(part.slice(0, part.indexOf("=")));
    const value = readValue(part.slice(part.indexOf("=") + 1));
    if (name === "lesson") found.lesson = String(value);
    else if (isSwitch(name)) found.view[name] = likeDefault(SWITCHES[name], value);
    else found.settings[name] = value;
  }
  return found;
}

/** @param {string} name @returns {name is keyof typeof SWITCHES} */
function isSwitch(name) {
  return Object.hasOwn(SWITCHES, name);
}

/** Percent signs that stand for nothing are left as they are. @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {string} text @returns {Value} */
function readValue(text) {
  const inside = text.match(/^\((.*)\)$/);
  if (inside) return inside[1] === "" ? [] : inside[1].split(",").map(readValue);
  if (text.includes(",")) return text.split(",").map(readValue);
  const word = decoded(text);
  return word !== "" && Number.isFinite(Number(word)) ? Number(word) : word;
}

/** @param {Value} standard @param {Value} value */
function likeDefault(standard, value) {
  if (Array.isArray(standard))
    return (Array.isArray(value) ? value : [value]).map(String).filter((name) => name !== "");
  return typeof standard === "boolean" ? value === 1 || value === "true" : String(value);
}

/** @param {Value} value @returns {string} */
function writeValue(value) {
  if (Array.isArray(value)) return `(${value.map(writeValue).join(",")})`;
  return typeof value === "boolean" ? String(Number(value)) : encodeURIComponent(String(value));
}

/** @param {Value} one @param {Value} other */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * The other way round. `schema` knows the settings' defaults.
 * @param {{ name: string, default: Value }[]} schema @param {Values} settings @param {Values} view
 */
export function writeAddress(schema, settings, view) {
  /** @type {[string, Value][]} */
  const parts = [];
  for (const field of schema) {
    if (field.name in settings && !same(settings[field.name], field.default))
      parts.push([field.name, settings[field.name]]);
  }
  for (const [name, standard] of Object.entries(SWITCHES)) {
    if (!same(view[name], standard)) parts.push([name, view[name]]);
  }
  return parts.map(([name, value]) => `${encodeURIComponent(name)}=${writeValue(value)}`).join("&");
}
