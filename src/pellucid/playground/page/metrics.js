// The numbers of how well it goes: loss and accuracy (or R²) on training and test points, and who is taken for whom.
import { make, setAttribute, setHidden, setText } from "./dom.js";
import { MORE, LESS, cssColour } from "./colours.js";
import { lossText, metricText, numberText } from "./format.js";

const METRIC_NAMES = { accuracy: "accuracy", r2: "R²" };

export function metricsTable(app) {
  const cells = { train: {}, test: {} };
  const row = (name, title) => {
    cells[name].loss = make("output", {}, "–");
    cells[name].metric = make("output", {}, "–");
    return make(
      "tr",
      { class: name },
      make("th", { scope: "row" }, title),
      make("td", {}, cells[name].loss),
      make("td", {}, cells[name].metric),
    );
  };
  const metric = make("th", { scope: "col" }, "accuracy");
  const rate = make("output", {}, "–");
  const penalty = make("output", {}, "–");
  app.on("frame", (frame) => {
    setText(metric, METRIC_NAMES[frame.metric_name] ?? frame.metric_name);
    for (const name of ["train", "test"]) {
      setText(cells[name].loss, lossText(frame[name] ? frame[name].loss : null));
      setText(cells[name].metric, metricText(frame.metric_name, frame[name] ? frame[name].metric : null));
    }
    setText(rate, numberText(frame.rate));
    setText(penalty, frame.penalty ? numberText(frame.penalty) : "–");
  });
  return make(
    "div",
    { class: "metrics", "data-part": "metrics" },
    make(
      "table",
      {},
      make("thead", {}, make("tr", {}, make("td", {}), make("th", { scope: "col" }, "loss"), metric)),
      make("tbody", {}, row("train", "Training"), row("test", "Test")),
    ),
    make(
      "dl",
      {},
      make("dt", { title: "The learning rate of now, after its schedule" }, "rate"),
      make("dd", {}, rate),
      make("dt", { title: "What the weights' penalty adds to the loss" }, "penalty"),
      make("dd", {}, penalty),
    ),
  );
}

/** Truth in rows, answers in columns, on the test points. */
export function confusionMatrix(app) {
  const element = make("div", { class: "confusion" });
  const empty = make("p", { class: "hint" }, "For classes only: this task is a regression.");
  let cells = [];
  app.on("build", ({ classes }) => {
    cells = classes.map(() => classes.map(() => make("td", {})));
    setHidden(empty, classes.length > 0);
    const head = make(
      "tr",
      {},
      make("th", { scope: "col", class: "corner" }, "truth ↓ answer →"),
      ...classes.map((label) => make("th", { scope: "col", title: String(label) }, String(label))),
    );
    const rows = cells.map((line, k) =>
      make("tr", {}, make("th", { scope: "row", title: String(classes[k]) }, String(classes[k])), ...line),
    );
    element.replaceChildren(
      empty,
      ...(classes.length
        ? [
            make(
              "table",
              { "aria-label": "Confusion matrix of the test points" },
              make("thead", {}, head),
              make("tbody", {}, ...rows),
            ),
          ]
        : []),
    );
    element.classList.toggle("many", classes.length > 5);
  });
  app.on("frame", ({ confusion }) => {
    if (!confusion) return;
    for (const [k, line] of cells.entries()) {
      const total = confusion[k] ? confusion[k].reduce((sum, count) => sum + count, 0) : 0;
      for (const [j, cell] of line.entries()) {
        const count = confusion[k] ? confusion[k][j] : 0;
        setText(cell, String(count));
        setAttribute(cell, "data-right", k === j);
        const share = total ? Math.round((20 * count) / total) / 20 : 0;
        const colour = share ? cssColour(k === j ? MORE : LESS, 0.55 * share) : "transparent";
        if (cell.tint !== colour) cell.style.backgroundColor = cell.tint = colour;
      }
    }
  });
  return element;
}
