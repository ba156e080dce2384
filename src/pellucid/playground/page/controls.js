// A control for each kind of setting: a choice, a number to type and to nudge, a slider. All are told what holds by `show`.
import { make, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { clamped, nudged, sliderPosition, sliderValue } from "./steps.js";

let lastId = 0;

/** A name of an element that no other one has, for labels. */
export function freshId() {
  lastId += 1;
  return `pellucid-${lastId}`;
}

/** The field's control with its label: {element, show(value), enable(whether)}. */
export function control(field, changed, { slider = false } = {}) {
  if (field.kind === "choice" || field.choices) return choiceControl(field, changed);
  const canSlide = slider && Number.isFinite(field.least) && Number.isFinite(field.most) && field.name !== "seed";
  return canSlide ? sliderControl(field, changed) : numberControl(field, changed);
}

function labelled(field, id, kind, ...children) {
  const label = make("label", { for: id, title: field.help || null }, field.label);
  return make("div", { class: `field ${kind}`, "data-field": field.name }, label, ...children);
}

/** A select as the page draws it. */
export function selectBox(attributes, choices, changed) {
  const select = make("select", { ...attributes, on: { change: () => changed(JSON.parse(select.value)) } });
  fillSelect(select, choices);
  return { select, box: make("span", { class: "select" }, select, icon("chevron", 14)) };
}

export function fillSelect(select, choices) {
  select.replaceChildren(
    ...choices.map(({ value, label }) => make("option", { value: JSON.stringify(value) }, label ?? String(value))),
  );
}

export function showSelected(select, value) {
  const text = JSON.stringify(value);
  if (select.value !== text) select.value = text;
}

function choiceControl(field, changed) {
  const id = freshId();
  const { select, box } = selectBox({ id, title: field.help || null }, field.choices, changed);
  return {
    element: labelled(field, id, "choice", box),
    show: (value) => showSelected(select, value),
    enable: (enabled) => (select.disabled = !enabled),
  };
}

/** A number: typed and confirmed by Enter or by leaving; arrows, page keys and the two buttons nudge it. */
export function numberBox(field, changed, attributes = {}) {
  let value = null;
  const show = (fresh) => {
    value = fresh;
    const text = String(fresh);
    if (input.value !== text) input.value = text;
    setAttribute(input, "aria-valuenow", text);
  };
  const take = (fresh) => {
    show(fresh);
    changed(fresh);
  };
  const commit = () => {
    const typed = Number(input.value.trim().replace("\u2212", "-").replace(",", "."));
    // What is no number goes to Python as it stands: it knows how to say why.
    if (input.value.trim() === String(value)) return;
    if (input.value.trim() === "") show(value);
    else if (Number.isFinite(typed)) take(typed);
    else changed(input.value.trim());
  };
  const nudge = (direction) => take(nudged(field, Number(value) || 0, direction));
  const input = make("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    role: "spinbutton",
    "aria-valuemin": field.least,
    "aria-valuemax": field.most,
    title: field.help || null,
    ...attributes,
    on: {
      change: commit,
      keydown: (event) => {
        const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (event.key === "Enter") commit();
        if (!direction) return;
        event.preventDefault();
        nudge(direction);
      },
    },
  });
  const nudger = (name, direction) =>
    make(
      "button",
      { type: "button", tabindex: "-1", "aria-hidden": "true", class: name, on: { click: () => nudge(direction) } },
      icon("chevron", 12),
    );
  const box = make(
    "span",
    { class: "number" },
    input,
    make("span", { class: "nudgers" }, nudger("up", 1), nudger("down", -1)),
  );
  const enable = (enabled) => {
    for (const part of [input, ...box.querySelectorAll("button")]) part.disabled = !enabled;
  };
  const limit = (most) => {
    field.most = most;
    setAttribute(input, "aria-valuemax", most);
  };
  return { input, box, show, enable, limit };
}

function numberControl(field, changed) {
  const id = freshId();
  const { box, show, enable } = numberBox(field, changed, { id });
  return { element: labelled(field, id, "numeric", box), show, enable };
}

function sliderControl(field, changed) {
  const id = freshId();
  const output = make("output", { for: id });
  let value = NaN; // until it is shown
  const show = (fresh) => {
    value = fresh;
    const position = sliderPosition(field, fresh);
    if (Number(range.value) !== position && !range.matches(":active")) range.value = position;
    range.style.setProperty("--filled", `${position / 10}%`);
    setText(output, String(fresh) + (field.label.includes("%") ? " %" : ""));
    setAttribute(range, "aria-valuetext", output.textContent);
  };
  const take = (fresh) => {
    if (fresh === value) return;
    show(fresh);
    changed(fresh);
  };
  const range = make("input", {
    type: "range",
    id,
    min: 0,
    max: 1000,
    step: 1,
    title: field.help || null,
    on: {
      input: () => take(sliderValue(field, Number(range.value))),
      keydown: (event) => {
        const direction = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
        if (!direction) return;
        event.preventDefault();
        take(clamped(field, nudged(field, value, direction)));
        range.value = sliderPosition(field, value);
      },
    },
  });
  const element = labelled({ ...field, label: field.label.replace(/\s*\(?%\)?$/, "") }, id, "slider", output, range);
  return { element, show, enable: (enabled) => (range.disabled = !enabled) };
}

/** Whether a setting is of account under these settings and this task. */
export function applies(field, settings, task) {
  const only = field.only || {};
  return Object.entries(only).every(([name, wanted]) =>
    [wanted].flat().includes(name === "task" ? task : settings[name]),
  );
}
