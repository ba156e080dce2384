// What can be taken away: the run as a Python program, weights, pictures, the curve.
import { make } from "./dom.js";
import { menu, menuItem } from "./menu.js";
import { saveFile, textDialog } from "./dialogs.js";
import { boundaryPicture, diagramPicture } from "./snapshot.js";

export function exportMenu(app, boundary, diagram) {
  const showProgram = textDialog(app, "This run as a Python program");
  const ask = (kind) => () => app.link.send("export", { kind });
  const picture = (name, draw) => () => draw().toBlob((blob) => blob && saveFile(name, blob));
  const item = (...fields) => {
    const button = menuItem(...fields);
    button.addEventListener("click", () => exporting.close());
    return button;
  };
  const content = make(
    "div",
    { class: "items" },
    item("Python program", "file", "export-code", ask("code")),
    item("Weights (JSON)", "download", "export-weights", ask("weights")),
    item("Loss curve (CSV)", "download", "export-curve", () =>
      saveFile("loss_curve.csv", app.losses.csv(), "text/csv"),
    ),
    item(
      "Picture of the answer (PNG)",
      "download",
      "export-boundary",
      picture("boundary.png", () => boundaryPicture(app, boundary)),
    ),
    item(
      "Picture of the network (PNG)",
      "download",
      "export-diagram",
      picture("network.png", () => diagramPicture(app, diagram)),
    ),
  );
  const exporting = menu(app, { name: "export", title: "Export", shape: "download", content, text: "Export" });
  app.on("export", ({ kind, filename, text }) =>
    kind === "code" ? showProgram(filename, text) : saveFile(filename, text, "application/json"),
  );
  return exporting.element;
}
