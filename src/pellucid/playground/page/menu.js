// A button that opens a small panel: a list of things to do, or switches.
import { make, setHidden } from "./dom.js";
import { icon } from "./icons.js";

/** {element, close()}; `content` is what the panel holds. */
export function menu(app, { name, title, shape, content, text = "" }) {
  const panel = make("div", { class: "menu-panel", hidden: true }, content);
  const button = make(
    "button",
    {
      type: "button",
      class: text ? "plain" : "plain bare",
      "data-action": name,
      "aria-haspopup": "true",
      "aria-expanded": "false",
      "aria-label": title,
      title,
      on: { click: () => toggle(panel.hidden) },
    },
    icon(shape, 18),
    text ? make("span", {}, text) : null,
  );
  const element = make("div", { class: "menu", "data-part": name }, button, panel);
  const toggle = (open) => {
    setHidden(panel, !open);
    button.setAttribute("aria-expanded", open);
    if (open) panel.querySelector("button, input").focus();
  };
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) {
      event.stopPropagation();
      toggle(false);
      button.focus();
    }
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way || panel.hidden) return;
    event.preventDefault();
    const items = [...panel.querySelectorAll("button, input")];
    items[(items.indexOf(element.getRootNode().activeElement) + way + items.length) % items.length].focus();
  });
  element.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !element.contains(event.relatedTarget)) toggle(false);
  });
  app.listen(app.root, "pointerdown", (event) => !element.contains(event.target) && toggle(false));
  return { element, close: () => toggle(false) };
}

export function menuItem(text, shape, name, clicked) {
  return make(
    "button",
    { type: "button", class: "item", "data-action": name, on: { click: clicked } },
    icon(shape, 16),
    make("span", {}, text),
  );
}
