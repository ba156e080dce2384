// Dialogs: the program that repeats the run, and the keys.
import { make, setText } from "./dom.js";
import { icon } from "./icons.js";

function dialog(app, title, ...children) {
  const close = make(
    "button",
    {
      type: "button",
      class: "small",
      "aria-label": "Close",
      title: "Close (Escape)",
      on: { click: () => element.close() },
    },
    icon("close", 16),
  );
  const element = make(
    "dialog",
    { "aria-label": title },
    make("header", {}, make("h2", {}, title), close),
    ...children,
  );
  element.addEventListener("click", (event) => event.target === element && element.close());
  element.addEventListener("keydown", (event) => event.stopPropagation());
  app.root.append(element);
  return element;
}

/** @param {string} name @param {BlobPart} content @param {string} [type] */
export function saveFile(name, content, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A text with copy and download: show(filename, text). */
export function textDialog(app, title) {
  const text = make("pre", { class: "program", tabindex: "0" });
  const copy = make(
    "button",
    { type: "button", class: "plain", "data-action": "copy", on: { click: () => copyText() } },
    icon("copy", 16),
    make("span", {}, "Copy"),
  );
  const save = make(
    "button",
    {
      type: "button",
      class: "plain",
      on: { click: () => saveFile(element.dataset.filename, text.textContent, "text/plain") },
    },
    icon("download", 16),
    make("span", {}, "Save as a file"),
  );
  const said = make("span", { class: "hint", role: "status" });
  const copyText = async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      setText(said, "Copied.");
    } catch {
      getSelection()?.selectAllChildren(text); // where the browser forbids it, it is one key away
      setText(said, "Selected: press Ctrl+C or ⌘C to copy.");
    }
  };
  const element = dialog(app, title, text, make("footer", {}, copy, save, said));
  return (filename, content) => {
    element.dataset.filename = filename;
    setText(text, content);
    setText(said, "");
    element.showModal();
  };
}

const KEYS = [
  ["Space", "play, pause"],
  ["S", "one step: an epoch, a batch or a sample"],
  ["B", "one step back"],
  ["R", "reset"],
  ["Tab", "from part to part"],
  ["← ↑ → ↓", "among the network's units"],
  ["Enter", "on a unit: its maths; on an input: on or off"],
  ["W", "from a unit to its weights and bias; arrows among them, Enter edits, Escape goes back"],
  ["← →, Enter", "on the loss curve: choose an epoch, go back to it"],
  ["Escape", "close what is open; skip a slow step"],
  ["?", "these keys"],
];

export function helpDialog(app) {
  const rows = KEYS.map(([key, what]) => make("tr", {}, make("td", {}, make("kbd", {}, key)), make("td", {}, what)));
  const version = make("p", { class: "hint" });
  app.on("catalog", (catalog) =>
    setText(
      version,
      `Pellucid ${catalog.version}. All of it runs on this machine, by the engine that the Python package uses.`,
    ),
  );
  const element = dialog(app, "Keys", make("table", { class: "keys" }, make("tbody", {}, ...rows)), version);
  return () => element.showModal();
}
