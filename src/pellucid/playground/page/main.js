// The page, put together; and the form in which a notebook takes it (an anywidget front-end module).
import { App } from "./app.js";
import { make } from "./dom.js";
import { icon, mark } from "./icons.js";
import { Boundary } from "./boundary.js";
import { Curve } from "./curve.js";
import { Diagram } from "./diagram.js";
import { MathsPanel } from "./maths.js";
import { Walk } from "./walk.js";
import { confusionMatrix, metricsTable } from "./metrics.js";
import { connectionBanner, statusLine } from "./status.js";
import { dataPane } from "./datapane.js";
import { doctor, guide } from "./guide.js";
import { exportMenu } from "./export.js";
import { helpDialog } from "./dialogs.js";
import { listenToKeys } from "./keyboard.js";
import { partsMenu, themeSwitch } from "./parts.js";
import { progress, transport } from "./transport.js";
import { settingsGroup } from "./settings.js";
import { tabs } from "./tabs.js";

function build(app) {
  const diagram = new Diagram(app);
  const boundary = new Boundary(app);
  const curve = new Curve(app);
  const walk = new Walk(app);
  const maths = new MathsPanel(app);
  const help = helpDialog(app);
  const helpButton = make(
    "button",
    {
      type: "button",
      class: "plain bare",
      "data-action": "help",
      "aria-label": "Keys (?)",
      title: "Keys (?)",
      on: { click: help },
    },
    icon("help", 18),
  );
  const brand = make("div", { class: "brand" }, mark(), make("h1", {}, "Pellucid ", make("span", {}, "playground")));
  const output = make(
    "section",
    { class: "pane output", "aria-label": "Output" },
    boundary.element,
    make(
      "div",
      { class: "scores" },
      metricsTable(app),
      tabs(app, "How it went", [
        { title: "Loss curve", element: curve.element, part: "loss-curve" },
        { title: "Confusion matrix", element: confusionMatrix(app), part: "confusion" },
      ]),
    ),
  );
  diagram.element.append(walk.element, doctor(app));
  app.root.append(
    connectionBanner(app),
    make(
      "header",
      { class: "bar" },
      brand,
      transport(app),
      progress(app),
      make("div", { class: "tools" }, exportMenu(app, boundary, diagram), partsMenu(app), themeSwitch(app), helpButton),
    ),
    make(
      "div",
      { class: "training-row" },
      settingsGroup(app, "training", { label: "Training settings" }),
      settingsGroup(app, "run", { label: "Speed" }),
    ),
    guide(app),
    statusLine(app),
    make("div", { class: "panes" }, dataPane(app), diagram.element, output),
    maths.element,
  );
  listenToKeys(app, walk, help);
  app.emit("parts");
}

export default {
  render({ model, el }) {
    const app = new App(model, el);
    build(app);
    if (!model.ownsAddress) app.link.hello(); // our own page says hello when its socket opens
    return () => app.close();
  },
};
