// The settings that are plain fields, in the group where they stand. Data sets, features and layers have places of their own.
import { make } from "./dom.js";
import { applies, control } from "./controls.js";

const ELSEWHERE = new Set(["data", "features", "hidden", "activations"]);

/** The group's fields as one element; it fills when the catalog comes. */
export function settingsGroup(app, group, { slider = false, label = "" } = {}) {
  const element = make("div", {
    class: `settings ${group}`,
    "data-part": group === "data" ? null : `${group}-settings`,
    role: "group",
    "aria-label": label,
  });
  let controls = [];
  app.on("catalog", ({ schema }) => {
    controls = schema
      .filter((field) => field.group === group && !ELSEWHERE.has(field.name))
      .map((field) => ({ field, ...control(field, (value) => app.set(field.name, value), { slider }) }));
    element.replaceChildren(...controls.map((one) => one.element));
    for (const one of controls) one.element.dataset.part = one.field.name;
    app.emit("parts");
  });
  app.on("settings", (settings) => {
    for (const { field, show, enable, element: box } of controls) {
      if (!(field.name in settings)) continue;
      show(settings[field.name]);
      const used = applies(field, settings, app.build && app.build.task);
      enable(used);
      box.classList.toggle("unused", !used);
      box.hidden = !used && group === "data" && Boolean(app.build && app.build.table); // the table's columns need the room
    }
  });
  app.on("error", ({ field: name }) => {
    const wrong = controls.find(({ field }) => field.name === name);
    if (!wrong) return;
    wrong.element.classList.add("wrong");
    setTimeout(() => wrong.element.classList.remove("wrong"), 4000);
  });
  return element;
}
