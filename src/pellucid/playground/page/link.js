// Messages to Python and back: greeting, acknowledgement, the latest of many changes, and whether anybody answers.
import { arraysOf } from "./decode.js";
import { MESSAGES, PROTOCOL } from "./protocol.js";

const GATHER = 50; // milliseconds in which changes are gathered into one message
const PATIENCE = 6000; // milliseconds until silence is told to the person
const AGAIN = 2000; // milliseconds of silence after which the last acknowledgement is sent again: it may have got stuck

// What Python answers at once; `play` goes on being answered, by frames.
const ANSWERED = new Set([
  "hello",
  "play",
  "pause",
  "reset",
  "step",
  "back",
  "goto",
  "set",
  "regenerate",
  "lesson",
  "export",
  "edit",
]);

/** @typedef {import("./decode.js").Message} Message */
/** @typedef {Record<string, any>} Fields */

export class Link {
  /**
   * `told`: functions message(message, arrays), silence(whether), connection(status), greeting() → fields of `hello`.
   * @param {any} model @param {any} told
   */
  constructor(model, told) {
    this.model = model;
    this.told = told;
    this.binary = true;
    /** @type {Record<string, Fields>} */
    this.waiting = {}; // t → fields, sent when the gathering time is over
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.gathering = undefined;
    /** @type {number | null} */
    this.asked = null; // when the oldest unanswered command went
    /** @type {Fields | null} */
    this.acknowledged = null; // what the last acknowledgement said
    this.silent = false;
    this.received = (/** @type {Message} */ message, /** @type {DataView<ArrayBuffer>[]} */ buffers) =>
      this.receive(message, buffers);
    this.connected = (/** @type {Fields} */ status) => this.connection(status);
    model.on("msg:custom", this.received);
    model.on("connection", this.connected);
    this.watch = setInterval(() => this.look(), 1000);
  }

  hello() {
    this.send("hello", { protocol: PROTOCOL, binary: this.binary, ...this.told.greeting() });
  }

  /** @param {string} t @param {Fields} fields */
  send(t, fields = {}) {
    const unknown = Object.keys(fields).filter((name) => !MESSAGES[t].includes(name));
    if (unknown.length) throw new Error(`The message ${t} has no field ${unknown.join(", ")}.`);
    if (t === "ack") this.acknowledged = fields;
    else this.flush();
    if (ANSWERED.has(t)) this.asked ??= performance.now();
    return this.model.send({ t, ...fields });
  }

  /** Changed settings: those of the next moment go together. @param {Fields} values */
  set(values) {
    this.gather("set", { values: { ...(this.waiting.set ? this.waiting.set.values : {}), ...values } });
  }

  /** A message of which only the latest counts. @param {string} t @param {Fields} fields */
  latest(t, fields) {
    this.gather(t, fields);
  }

  /** @param {string} t @param {Fields} fields */
  gather(t, fields) {
    this.waiting[t] = fields;
    this.gathering ??= setTimeout(() => this.flush(), GATHER);
  }

  flush() {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    const waiting = this.waiting;
    this.waiting = {};
    for (const [t, fields] of Object.entries(waiting)) this.send(t, fields);
  }

  /** @param {Message} message @param {DataView<ArrayBuffer>[]} buffers */
  receive(message, buffers) {
    this.asked = null;
    this.quiet(false);
    const arrays = arraysOf(message, buffers);
    if (arrays === null) {
      if (!this.binary) throw new Error(`The buffers of ${message.t} did not arrive.`);
      this.binary = false; // the bytes got lost on the way: ask for text instead
      this.hello();
      return;
    }
    this.told.message(message, arrays);
    if (message.playing === true) this.asked = performance.now(); // the next frame is expected
  }

  /** @param {Fields} status */
  connection(status) {
    this.asked = this.acknowledged = null;
    this.quiet(false);
    this.told.connection(status);
    if (status.open) this.hello();
  }

  // A notebook has no event for a kernel that died: nobody answering is all that can be noticed.
  look() {
    if (this.asked === null || document.hidden) return;
    const silence = performance.now() - this.asked;
    if (silence > AGAIN && this.acknowledged) this.send("ack", this.acknowledged);
    if (silence > PATIENCE) this.quiet(true);
  }

  /** @param {boolean} silent */
  quiet(silent) {
    if (silent === this.silent) return;
    this.silent = silent;
    this.told.silence(silent);
  }

  close() {
    clearTimeout(this.gathering);
    clearInterval(this.watch);
    this.model.off("msg:custom", this.received);
    this.model.off("connection", this.connected);
  }
}
