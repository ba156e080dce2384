// Written by `python -m pellucid.playground.contract` from playground/protocol.py: change it there.
export const PROTOCOL = 1;

/** The messages that Python takes, and their fields. @type {Record<string, string[]>} */
export const MESSAGES = {
  hello: ["protocol", "binary", "settings", "lesson"],
  play: [],
  pause: [],
  reset: [],
  step: ["unit", "animate"],
  back: ["unit"],
  goto: ["epoch"],
  set: ["values"],
  regenerate: [],
  pick: ["what", "layer", "unit", "input", "of", "sample"],
  edit: ["layer", "unit", "value", "input"],
  draw: ["points", "replace"],
  table: ["name", "part", "parts", "text"],
  columns: ["target", "shown"],
  lesson: ["name"],
  export: ["kind"],
  ack: ["seq"],
};
