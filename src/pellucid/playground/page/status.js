// What Python has to say, and whether it can be heard at all.
import { make, setHidden, setText } from "./dom.js";
import { icon } from "./icons.js";

/** A line with the latest message, until it is closed. */
export function statusLine(app) {
  const text = make("span", {});
  const element = make("div", { class: "status", role: "status", "aria-live": "polite" });
  const close = make(
    "button",
    {
      type: "button",
      class: "small",
      "aria-label": "Dismiss",
      title: "Dismiss",
      on: { click: () => element.replaceChildren() },
    },
    icon("close", 14),
  );
  const say = (kind, message) => {
    setText(text, message);
    element.replaceChildren(
      make("div", { class: `message ${kind}` }, icon(kind === "error" ? "warning" : "info", 18), text, close),
    );
  };
  app.on("error", (message) => say("error", message.text));
  app.on("why", (why) => say("note", why));
  app.on("dismiss", () => element.replaceChildren());
  return element;
}

/** A banner while nobody answers. */
export function connectionBanner(app) {
  const text = make("span", {});
  const again = make(
    "button",
    { type: "button", class: "plain", hidden: true, on: { click: () => app.model.open() } },
    "Try again here",
  );
  const element = make("div", { class: "banner", role: "alert", hidden: true }, icon("warning", 18), text, again);
  const show = (message, canTryAgain = false) => {
    setText(text, message ?? "");
    setHidden(element, message === null);
    setHidden(again, !canTryAgain);
    app.root.dataset.connected = message === null;
  };
  app.on("connection", ({ open, taken, crowded, refused }) => {
    if (open) show(null);
    else if (taken) show("This playground is open in another tab.", true);
    else if (refused) show(refused, true);
    else if (crowded) show("Too many playgrounds are open.", true);
    else
      show(
        "No connection to Python: trying again. Has `pellucid playground` ended? If it was started anew, open the address that it printed.",
      );
  });
  app.on("silence", (silent) => show(silent ? "No answer from Python: it is busy, or it has ended." : null));
  return element;
}
