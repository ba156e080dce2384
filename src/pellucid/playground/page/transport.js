// Reset, play, step and back; how far the training is, and how fast it goes.
import { make, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { selectBox, showSelected } from "./controls.js";
import { compactText, epochText, secondsText } from "./format.js";

const UNITS = [
  { value: "epoch", label: "epoch" },
  { value: "batch", label: "batch" },
  { value: "sample", label: "sample" },
];

function button(name, title, shape, clicked, size = 20) {
  return make(
    "button",
    { type: "button", class: `round ${name}`, "data-action": name, "aria-label": title, title, on: { click: clicked } },
    icon(shape, size),
  );
}

export function transport(app) {
  const act = {
    reset: () => app.link.send("reset"),
    back: () => app.link.send("back", { unit: app.view.by }),
    play: () => app.link.send(app.playing ? "pause" : "play"),
    step: () => app.link.send("step", { unit: app.view.by, ...(app.view.animate ? { animate: true } : {}) }),
  };
  app.on("action", (name) => act[name]());
  const reset = button("reset", "Reset: the same start again (R)", "reset", act.reset);
  const back = button("back", "Step back (B)", "back", act.back);
  const play = button("play", "Play (space)", "play", act.play, 28);
  const step = button("step", "Step (S)", "step", act.step);
  const { select, box } = selectBox({ "aria-label": "Step by", title: "What one step is" }, UNITS, (value) =>
    app.setView("by", value),
  );
  const slow = make("input", { type: "checkbox", on: { change: () => app.setView("animate", slow.checked) } });
  const showView = () => {
    showSelected(select, app.view.by);
    slow.checked = app.view.animate;
  };
  const showPlaying = (playing) => {
    const title = playing ? "Pause (space)" : "Play (space)";
    setAttribute(play, "aria-label", title);
    play.title = title;
    play.classList.toggle("playing", playing);
    play.replaceChildren(icon(playing ? "pause" : "play", 28));
  };
  app.on("playing", showPlaying);
  app.on("view", showView);
  for (const event of ["state", "frame"]) app.on(event, () => (back.disabled = !app.canGoBack));
  back.disabled = true;
  showView();
  return make(
    "div",
    { class: "transport", role: "group", "aria-label": "Training" },
    make("div", { class: "buttons" }, reset, back, play, step),
    make(
      "div",
      { class: "step-by", "data-part": "step-options" },
      make("label", {}, make("span", {}, "by"), box),
      make(
        "label",
        { class: "check", title: "Show a step stage by stage: forward, loss, backward, update" },
        slow,
        make("span", {}, "in slow motion"),
      ),
    ),
  );
}

export function progress(app) {
  const epoch = make("output", { class: "epoch", "aria-label": "Epoch" }, epochText(0));
  const cells = {};
  const cell = (name, label, title) => {
    cells[name] = make("output", {}, "–");
    return make("div", { class: `stat ${name}`, title }, cells[name], make("span", {}, label));
  };
  app.on("frame", (frame) => {
    setText(epoch, epochText(frame.epoch));
    setText(cells.updates, frame.updates < 1e6 ? String(frame.updates) : compactText(frame.updates));
    setText(cells.seconds, secondsText(frame.seconds));
    if (!frame.playing && !frame.epochs_per_second) return; // at rest, the speed it had
    setText(cells.epochs, compactText(frame.epochs_per_second));
    setText(cells.samples, compactText(frame.samples_per_second));
  });
  return make(
    "div",
    { class: "progress", "data-part": "progress" },
    make("div", { class: "stat main" }, epoch, make("span", {}, "epoch")),
    cell("updates", "updates", "How often the weights were changed"),
    cell("seconds", "training", "Wall-clock time spent training"),
    cell("epochs", "epochs/s", "Epochs a second"),
    cell("samples", "samples/s", "Samples a second"),
  );
}
