// Parts that a teacher can hide, and the switch between light and dark.
import { make } from "./dom.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";

const PARTS = [
  ["lessons", "Lessons and notes"],
  ["data", "Data sets"],
  ["own-table", "Own table"],
  ["samples", "Number of points"],
  ["noise", "Noise"],
  ["test_share", "Test share"],
  ["seed", "Seed"],
  ["regenerate", "New sample"],
  ["layers", "Number of layers"],
  ["units", "Number of units"],
  ["activations", "Activations"],
  ["network-settings", "Output, loss, first weights"],
  ["training-settings", "Training settings"],
  ["run-settings", "Speed"],
  ["step-options", "Step options"],
  ["progress", "Counters"],
  ["metrics", "Loss and accuracy"],
  ["loss-curve", "Loss curve"],
  ["confusion", "Confusion matrix"],
  ["show_test", "Test points"],
  ["sharp", "Sharp classes"],
  ["draw", "Drawing"],
  ["doctor", "Training doctor"],
  ["maths", "The maths"],
  ["export", "Export"],
];

/** Elements with data-part=NAME vanish where NAME is in the list `hide`. */
export function partsMenu(app) {
  const boxes = PARTS.map(([name, title]) => {
    const input = make("input", {
      type: "checkbox",
      "data-hide": name,
      on: {
        change: () =>
          app.setView("hide", input.checked ? app.view.hide.filter((one) => one !== name) : [...app.view.hide, name]),
      },
    });
    return { name, input, element: make("label", { class: "check" }, input, make("span", {}, title)) };
  });
  const apply = () => {
    const hidden = new Set(app.view.hide);
    for (const { name, input } of boxes) input.checked = !hidden.has(name);
    for (const part of app.root.querySelectorAll("[data-part]"))
      part.classList.toggle("part-hidden", hidden.has(part.dataset.part));
  };
  app.on("view", (name) => name === "hide" && app.emit("parts"));
  app.on("parts", apply);
  return menu(app, {
    name: "parts",
    title: "Show and hide parts",
    shape: "eye",
    content: make(
      "div",
      { class: "part-list" },
      make("strong", {}, "Shown on the page"),
      ...boxes.map(({ element }) => element),
    ),
  }).element;
}

const NEXT = { auto: "light", light: "dark", dark: "auto" };
const SHAPES_OF = { auto: "contrast", light: "sun", dark: "moon" };
const NAMES_OF = { auto: "as the system has it", light: "light", dark: "dark" };

export function themeSwitch(app) {
  const button = make("button", {
    type: "button",
    class: "plain bare",
    "data-action": "theme",
    on: { click: () => app.setView("theme", NEXT[app.view.theme] ?? "light") },
  });
  const show = () => {
    const now = app.view.theme in NEXT ? app.view.theme : "auto";
    const title = `Colours: ${NAMES_OF[now]}`;
    button.setAttribute("aria-label", title);
    button.title = title;
    button.replaceChildren(icon(SHAPES_OF[now], 18));
  };
  app.on("view", (name) => name === "theme" && show());
  show();
  return button;
}
