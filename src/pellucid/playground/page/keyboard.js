// Keys that work everywhere on the page, unless something with the focus needs them itself.

const ACTIONS = { " ": "play", s: "step", b: "back", r: "reset" };
// In the network Enter does what a click does, and the space bar goes on playing and pausing.
const TAKES_SPACE =
  "button:not(.tile, .bias), input, select, summary, textarea, a, [role=button]:not(.edge-hit), [role=radio], [contenteditable]";
const TAKES_LETTERS =
  "input:not([type=checkbox]):not([type=radio]):not([type=range]), select, textarea, [contenteditable]";

/** `walk`: a step being told; `help`: opens the keys. */
export function listenToKeys(app, walk, help) {
  const pressed = (event) => {
    if (
      event.defaultPrevented ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      app.root.querySelector("dialog[open]")
    )
      return;
    const target = event.composedPath()[0];
    const within = (selector) => target instanceof Element && target.matches(selector);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Escape") {
      if (walk.telling) walk.end();
      else if (app.pick) app.choose(null);
      else app.emit("dismiss");
    } else if (within(TAKES_LETTERS) || (key === " " && within(TAKES_SPACE))) return;
    else if (key in ACTIONS) app.emit("action", ACTIONS[key]);
    else if (key === "?") help();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const released = (event) => {
    const target = event.composedPath()[0];
    if (event.key === " " && target instanceof Element && target.matches(".tile, .bias")) event.preventDefault();
  };
  app.listen(app.root, "keyup", released); // where a browser clicks when the space bar is let go
  // Our own page listens to all of itself; in a notebook the keys belong to the notebook wherever we do not have the focus.
  app.listen(app.model.ownsAddress ? document : app.root, "keydown", pressed);
}
