// The left column: which data, how much of it, how noisy; a fresh sample; a table of one's own.
import { make } from "./dom.js";
import { icon } from "./icons.js";
import { datasetChooser } from "./datasets.js";
import { settingsGroup } from "./settings.js";
import { tablePane } from "./table.js";

export function dataPane(app) {
  const renew = make(
    "button",
    {
      type: "button",
      class: "plain",
      "data-part": "regenerate",
      "data-action": "regenerate",
      title: "New seed: a new sample and new weights",
      on: { click: () => app.link.send("regenerate") },
    },
    icon("renew", 16),
    make("span", {}, "New sample"),
  );
  return make(
    "section",
    { class: "pane data", "aria-label": "Data" },
    make("h2", {}, "Data"),
    datasetChooser(app),
    tablePane(app),
    settingsGroup(app, "data", { slider: true, label: "Data settings" }),
    renew,
  );
}
