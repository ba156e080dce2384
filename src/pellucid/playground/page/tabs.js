// Tabs: one place for two things, so that nothing has to move.
import { make } from "./dom.js";
import { freshId } from "./controls.js";

/** `pages`: [{title, element, part}]. */
export function tabs(app, label, pages) {
  const buttons = [];
  const show = (chosen) => {
    for (const [k, { element }] of pages.entries()) {
      buttons[k].setAttribute("aria-selected", k === chosen);
      buttons[k].tabIndex = k === chosen ? 0 : -1;
      element.classList.toggle("current", k === chosen);
      element.inert = k !== chosen;
    }
  };
  for (const [k, { title, element, part }] of pages.entries()) {
    const id = freshId();
    const panel = freshId();
    element.classList.add("tab-page");
    for (const [name, value] of [
      ["id", panel],
      ["role", "tabpanel"],
      ["aria-labelledby", id],
    ])
      element.setAttribute(name, value);
    if (part) element.dataset.part = part;
    buttons.push(
      make(
        "button",
        {
          type: "button",
          role: "tab",
          id,
          "aria-controls": panel,
          "data-part": part,
          on: {
            click: () => show(k),
            keydown: (event) => {
              const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
              if (!way) return;
              event.preventDefault();
              const next = (k + way + pages.length) % pages.length;
              show(next);
              buttons[next].focus();
            },
          },
        },
        title,
      ),
    );
  }
  show(0);
  app.on("parts", () => {
    const shown = buttons.findIndex((button) => !button.classList.contains("part-hidden"));
    const current = buttons.findIndex((button) => button.tabIndex === 0);
    if (shown >= 0 && buttons[current].classList.contains("part-hidden")) show(shown);
  });
  return make(
    "div",
    { class: "tabs" },
    make("div", { role: "tablist", class: "tab-list", "aria-label": label }, ...buttons),
    make("div", { class: "tab-pages" }, ...pages.map(({ element }) => element)),
  );
}
