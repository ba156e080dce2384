// The data sets as pictures to choose from.
import { make, setAttribute, sharpContext } from "./dom.js";
import { classColour, cssColour, valueColour } from "./colours.js";

const SIDE = 52;
const DOTS = 60;

/** Radio buttons, each with a picture of 60 of its points. */
export function datasetChooser(app) {
  const element = make("div", { class: "datasets", role: "radiogroup", "aria-label": "Data set", "data-part": "data" });
  let cards = [];
  const paint = () => {
    for (const [k, { canvas, dataset }] of cards.entries()) {
      paintThumbnail(
        canvas,
        app.catalog.arrays.thumbnails.subarray(3 * DOTS * k, 3 * DOTS * (k + 1)),
        dataset.task,
        app.theme,
      );
    }
  };
  const show = () => {
    const name = app.settings.data;
    const chosen = cards.some(({ dataset }) => dataset.name === name) ? name : null;
    for (const { dataset, card } of cards) {
      setAttribute(card, "aria-checked", dataset.name === name);
      card.tabIndex = dataset.name === (chosen ?? cards[0].dataset.name) ? 0 : -1;
    }
  };
  const choose = (position) => {
    const { card, dataset } = cards[(position + cards.length) % cards.length];
    card.focus();
    app.set("data", dataset.name);
  };
  app.on("catalog", ({ datasets }) => {
    cards = datasets.map((dataset, k) => {
      const canvas = make("canvas", { "aria-hidden": "true" });
      const card = make(
        "button",
        {
          type: "button",
          role: "radio",
          class: "dataset",
          "data-name": dataset.name,
          title: dataset.title,
          on: {
            click: () => app.set("data", dataset.name),
            keydown: (event) => {
              const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
              if (!way) return;
              event.preventDefault();
              choose(k + way);
            },
          },
        },
        canvas,
        make("span", {}, dataset.title),
      );
      return { card, canvas, dataset };
    });
    element.replaceChildren(...cards.map(({ card }) => card));
    paint();
    show();
  });
  app.on("settings", show);
  app.on("theme", () => app.catalog && paint());
  return element;
}

function paintThumbnail(canvas, rows, task, theme) {
  const context = sharpContext(canvas, SIDE, SIDE);
  for (let k = 0; k + 2 < rows.length; k += 3) {
    const [x, y, target] = [rows[k], rows[k + 1], rows[k + 2]];
    if (!Number.isFinite(x)) continue;
    context.fillStyle = cssColour(
      task === "regression"
        ? valueColour(Math.sign(target) * (0.3 + 0.7 * Math.abs(target)), theme)
        : classColour(target),
    );
    context.beginPath();
    context.arc(SIDE / 2 + (x * (SIDE - 8)) / 2, SIDE / 2 - (y * (SIDE - 8)) / 2, 1.7, 0, 2 * Math.PI);
    context.fill();
  }
}
