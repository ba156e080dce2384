// What the page knows, and who is told when it changes. Parts of the page talk to each other through this alone.
import { make } from "./dom.js";
import { Link } from "./link.js";
import { LossRows } from "./losses.js";
import { SWITCHES, readAddress, writeAddress } from "./address.js";

export class App {
  constructor(model, el) {
    this.model = model;
    this.root = make("div", {
      class: "pellucid-playground",
      tabindex: "-1",
      "data-lm-suppress-shortcuts": "true",
      "data-ready": "false",
    });
    el.replaceChildren(this.root);
    this.listeners = {};
    this.endings = [];
    const address = model.ownsAddress ? readAddress(location.hash) : { settings: {}, view: {}, lesson: null };
    this.view = { ...SWITCHES, ...address.view };
    this.greeting = address;
    this.catalog = null;
    this.build = null;
    this.settings = {}; // as shown
    this.accepted = {}; // as Python holds them
    this.frame = null; // the latest that came
    this.losses = new LossRows();
    this.playing = false;
    this.canGoBack = false;
    this.stated = 0;
    this.pick = null; // what the maths panel explains
    this.of = "batch"; // with the next batch, so that the step it tells of is the step that comes
    this.sample = 0;
    this.hover = null;
    this.held = false; // while a step is told stage by stage, the new weights wait
    this.unacknowledged = [];
    this.painting = null;
    this.frames = 0;
    this.link = new Link(model, {
      message: (message, arrays) => this.receive(message, arrays),
      silence: (silent) => this.emit("silence", silent),
      connection: (status) => this.emit("connection", status),
      greeting: () => this.greetingFields(),
    });
    this.listen(document, "visibilitychange", () => (document.hidden ? this.acknowledge() : this.schedule()));
    if (model.ownsAddress) this.listen(window, "hashchange", () => this.followAddress());
    this.darkness = window.matchMedia("(prefers-color-scheme: dark)");
    this.listen(this.darkness, "change", () => this.applyTheme());
    this.applyTheme();
  }

  on(event, listener) {
    (this.listeners[event] ??= []).push(listener);
  }

  emit(event, ...values) {
    for (const listener of this.listeners[event] || []) listener(...values);
  }

  /** A listener outside of our own elements, taken away at the end. */
  listen(target, event, listener, options) {
    target.addEventListener(event, listener, options);
    this.endings.push(() => target.removeEventListener(event, listener, options));
  }

  close() {
    cancelAnimationFrame(this.painting);
    this.link.close();
    for (const end of this.endings) end();
    this.root.remove();
  }

  // A fresh session starts with what the address says; one that is under way ignores it.
  greetingFields() {
    if (this.catalog && this.model.ownsAddress) return { settings: readAddress(location.hash).settings };
    const { settings, lesson } = this.greeting;
    return { ...(Object.keys(settings).length ? { settings } : {}), ...(lesson ? { lesson } : {}) };
  }

  receive(message, arrays) {
    const { t } = message;
    if (!this.catalog && t !== "catalog" && t !== "error") return; // what came before its bytes could be read comes again
    if (t === "catalog") {
      this.catalog = { ...message, arrays };
      this.emit("catalog", this.catalog);
    } else if (t === "build") this.receiveBuild(message, arrays);
    else if (t === "frame") this.receiveFrame(message, arrays);
    else if (t === "state") {
      this.canGoBack = message.can_go_back;
      this.stated = message.seq ?? 0; // frames up to here are older than this state
      if (message.settings) this.takeSettings(message.settings);
      this.setPlaying(message.playing);
      if (message.why) this.emit("why", message.why);
      this.emit("state", message);
    } else if (t === "error") {
      this.refuse(message.field);
      this.emit("error", message);
    } else this.emit(t, message, arrays);
  }

  receiveBuild(message, arrays) {
    this.build = { ...message, arrays };
    this.hover = null;
    this.takeSettings(message.settings);
    this.emit("build", this.build);
    if (this.pick && !this.exists(this.pick)) this.choose(null);
    else if (this.pick) this.choose(this.pick);
    this.root.dataset.generation = message.generation;
    this.root.dataset.ready = "true";
  }

  takeSettings(settings) {
    this.accepted = { ...settings };
    this.settings = { ...settings };
    this.emit("settings", this.settings);
    this.writeAddress();
  }

  receiveFrame(message, arrays) {
    this.unacknowledged.push(message.seq);
    this.root.dataset.queue = this.unacknowledged.length;
    if (!this.build || message.generation !== this.build.generation) return this.acknowledge();
    const whole = this.losses.replace(message.curve.start, message.curve.stride, arrays.curve);
    this.frame = { ...message, arrays };
    this.root.dataset.curvePoints = this.losses.length;
    if (!whole) this.link.hello();
    if (document.hidden || this.held) this.acknowledge();
    else this.schedule();
  }

  schedule() {
    if (this.frame && !this.held && !document.hidden) this.painting ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.painting = null;
    if (this.frame.generation === this.build.generation && !this.held) {
      if (this.frame.seq > this.stated) this.setPlaying(this.frame.playing);
      if (this.frame.updates > 0) this.canGoBack = true;
      this.emit("frame", this.frame);
      this.frames += 1;
      Object.assign(this.root.dataset, { epoch: this.frame.epoch, updates: this.frame.updates, frames: this.frames });
    }
    this.acknowledge();
  }

  acknowledge() {
    for (const seq of this.unacknowledged.splice(0)) this.link.send("ack", { seq });
    this.root.dataset.queue = 0;
  }

  /** While held, frames are taken but not shown. */
  hold(held) {
    this.held = held;
    this.schedule();
  }

  setPlaying(playing) {
    this.root.dataset.playing = playing;
    if (playing === this.playing) return;
    this.playing = playing;
    this.emit("playing", playing);
  }

  /** A setting's new value: shown at once, checked by Python. */
  set(name, value) {
    this.settings = { ...this.settings, [name]: value };
    this.emit("settings", this.settings);
    this.link.set({ [name]: value });
    this.writeAddress();
  }

  // What Python did not take goes back to what holds.
  refuse(name) {
    if (name in this.accepted) this.settings = { ...this.settings, [name]: this.accepted[name] };
    this.emit("settings", this.settings);
    this.writeAddress();
  }

  setView(name, value) {
    this.view[name] = value;
    if (name === "theme") this.applyTheme();
    this.emit("view", name);
    this.writeAddress();
  }

  applyTheme() {
    const wanted = this.view.theme;
    this.theme = wanted === "dark" || (wanted !== "light" && this.darkness.matches) ? "dark" : "light";
    this.root.dataset.theme = this.theme;
    this.emit("theme", this.theme);
    this.schedule();
  }

  // Somebody wrote another address, or followed a link: what it does not name goes to its default.
  followAddress() {
    if (!this.catalog) return;
    const { settings, view, lesson } = readAddress(location.hash);
    this.view = { ...SWITCHES, ...view };
    this.applyTheme();
    for (const name of Object.keys(SWITCHES)) this.emit("view", name);
    if (lesson) return this.link.send("lesson", { name: lesson });
    const defaults = Object.fromEntries(this.catalog.schema.map((field) => [field.name, field.default]));
    this.link.set({ ...defaults, ...settings });
  }

  writeAddress() {
    if (!this.model.ownsAddress || !this.catalog) return;
    const hash = writeAddress(this.catalog.schema, this.settings, this.view);
    history.replaceState(null, "", location.pathname + location.search + (hash ? `#${hash}` : ""));
  }

  /** What the maths panel explains from now on: {what, layer, unit, input} or null. */
  choose(pick) {
    this.pick = pick;
    this.emit("pick", pick);
    this.link.latest("pick", pick ? { ...pick, of: this.of, sample: this.sample } : { what: null });
  }

  explainSample(sample) {
    this.of = "sample";
    this.sample = sample;
    if (this.pick) this.choose(this.pick);
    this.emit("of");
  }

  explainBatch() {
    this.of = "batch";
    if (this.pick) this.choose(this.pick);
    this.emit("of");
  }

  setHover(hover) {
    if (JSON.stringify(hover) === JSON.stringify(this.hover)) return;
    this.hover = hover;
    this.emit("hover", hover);
  }

  exists({ what, layer, unit, input }) {
    const sizes = this.build.layers.map(({ units }) => units);
    return layer < sizes.length && unit < sizes[layer] && (what !== "weight" || input < this.inputsOf(layer));
  }

  inputsOf(layer) {
    return layer === 0 ? this.inputs().length : this.build.layers[layer - 1].units;
  }

  /** The number of a point among all training points, of which the picture may show only some; and the other way round. */
  sampleOfRow(row) {
    const { n_train: all, arrays } = this.build;
    const shown = arrays.train.length / 3;
    return shown < all ? Math.floor((row * (all - 1)) / (shown - 1)) : row;
  }

  rowOfSample(sample) {
    const { n_train: all, arrays } = this.build;
    const shown = arrays.train.length / 3;
    const row = shown < all ? Math.ceil((sample * (shown - 1)) / (all - 1)) : sample;
    return row < shown && this.sampleOfRow(row) === sample ? row : -1;
  }

  /** The features that are on, in order: the network's inputs. */
  inputs() {
    return this.build.features.filter(({ on }) => on);
  }

  unitName(layer, unit) {
    const { layers, outputs } = this.build;
    return layer === layers.length - 1
      ? `output ${outputs[unit] ?? unit + 1}`
      : `hidden layer ${layer + 1}, unit ${unit + 1}`;
  }

  inputName(layer, input) {
    return layer === 0 ? this.inputs()[input].label : this.unitName(layer - 1, input);
  }
}
