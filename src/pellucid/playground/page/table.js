// A table of one's own: dropped on the page or picked, sent in pieces; then its target and the two columns shown.
import { make, setHidden, setText } from "./dom.js";
import { icon } from "./icons.js";
import { fillSelect, selectBox, showSelected } from "./controls.js";

/** @param {any} app @param {string} name @param {string} text */
function sendTable(app, name, text) {
  const { piece } = app.catalog.limits; // characters a message
  const parts = Math.max(1, Math.ceil(text.length / piece));
  for (let part = 0; part < parts; part++) {
    app.link.send("table", { name, part, parts, text: text.slice(part * piece, (part + 1) * piece) });
  }
}

/** Reads the file and sends it; what can be seen to be wrong here is said here. @param {any} app @param {File} file */
export async function takeFile(app, file) {
  const most = app.catalog.limits.text;
  if (file.size > 4 * most)
    return app.emit("error", {
      field: "table",
      text: `${file.name} is too large: ${file.size} bytes, and ${most} characters are the most.`,
    });
  const text = await file.text();
  if (text.length > most)
    return app.emit("error", {
      field: "table",
      text: `${file.name} is too large: ${text.length} characters, and ${most} are the most.`,
    });
  if (text.trim() === "")
    return app.emit("error", {
      field: "table",
      text: `${file.name} is empty. A table has a line of column names, then a line for each row.`,
    });
  if (text.includes("\u0000"))
    return app.emit("error", {
      field: "table",
      text: `${file.name} is not text. A table of comma-separated values (.csv) is needed.`,
    });
  app.emit("why", `Reading ${file.name} …`);
  sendTable(app, file.name, text);
}

export function tablePane(app) {
  const input = make("input", {
    type: "file",
    accept: ".csv,.tsv,.txt,text/csv",
    class: "unseen",
    tabindex: "-1",
    "aria-hidden": "true",
    on: {
      change: () => {
        if (input.files.length) takeFile(app, input.files[0]);
        input.value = "";
      },
    },
  });
  const open = make(
    "button",
    {
      type: "button",
      class: "plain",
      "data-action": "open-table",
      title: "A table of comma-separated values, with column names in the first line; dropping it on the page does too",
      on: { click: () => input.click() },
    },
    icon("file", 16),
    make("span", {}, "Own table (CSV)"),
  );
  const about = columnsPane(app);
  dropZone(app);
  return make("div", { class: "own-data", "data-part": "own-table" }, open, input, about);
}

function columnsPane(app) {
  const title = make("strong", {});
  const notes = make("p", { class: "notes" });
  const send = (target, shown) => app.link.send("columns", { target, shown });
  const now = () => app.build.table;
  const target = selectBox({}, [], (name) => send(name, now().shown));
  const across = selectBox({}, [], (name) => send(now().target, [name, now().shown[1]]));
  const up = selectBox({}, [], (name) => send(now().target, [now().shown[0], name]));
  const row = (text, { box }) => make("label", { class: "field choice" }, make("span", {}, text), box);
  const element = make(
    "div",
    { class: "columns", hidden: true },
    title,
    row("Learn", target),
    row("Across", across),
    row("Up", up),
    notes,
  );
  app.on("build", ({ table }) => {
    setHidden(element, !table);
    if (!table) return;
    app.emit("dismiss");
    setText(title, `${table.name}: ${table.rows} rows`);
    setText(notes, table.notes.join(" "));
    const choices = table.columns
      .map((column) => (typeof column === "string" ? column : column.name))
      .map((name) => ({ value: name, label: name }));
    fillSelect(target.select, choices);
    for (const one of [across, up])
      fillSelect(
        one.select,
        choices.filter(({ value }) => value !== table.target),
      );
    showSelected(target.select, table.target);
    showSelected(across.select, table.shown[0]);
    showSelected(up.select, table.shown[1]);
  });
  return element;
}

/** The whole page takes a dropped file. */
function dropZone(app) {
  const veil = make(
    "div",
    { class: "veil", hidden: true },
    make(
      "div",
      {},
      icon("file", 36),
      make("strong", {}, "Drop the table here"),
      make("span", {}, "comma-separated values, column names in the first line"),
    ),
  );
  app.root.append(veil);
  const hasFile = (event) => [...(event.dataTransfer ? event.dataTransfer.types : [])].includes("Files");
  app.listen(app.root, "dragover", (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    setHidden(veil, false);
  });
  app.listen(app.root, "dragleave", (event) => {
    if (!event.relatedTarget || !app.root.contains(event.relatedTarget)) setHidden(veil, true);
  });
  app.listen(app.root, "drop", (event) => {
    setHidden(veil, true);
    if (!hasFile(event)) return;
    event.preventDefault();
    if (event.dataTransfer.files.length) takeFile(app, event.dataTransfer.files[0]);
  });
}
