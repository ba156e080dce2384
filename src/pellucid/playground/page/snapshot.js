// Pictures to keep, drawn anew on a canvas: the large picture with its axes, and the network with its maps and weights.
import { make } from "./dom.js";
import { tickText, ticks } from "./format.js";
import { cssColour, LESS, MORE } from "./colours.js";

const SCALE = 3;

function sheet(app, width, height) {
  const canvas = make("canvas", { width: width * SCALE, height: height * SCALE });
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  const dark = app.theme === "dark";
  context.fillStyle = dark ? "#171b21" : "#ffffff";
  context.fillRect(0, 0, width, height);
  context.fillStyle = context.strokeStyle = dark ? "#c9d1d9" : "#39424e";
  context.font = "11px system-ui, sans-serif";
  return { canvas, context };
}

export function boundaryPicture(app, picture) {
  const [side, left, top] = [320, 44, 34];
  const { canvas, context } = sheet(app, left + side + 14, top + side + 36);
  const { range, axes } = app.build;
  context.font = "600 12px system-ui, sans-serif";
  context.fillText(picture.title.textContent, left, 14);
  context.font = "11px system-ui, sans-serif";
  context.drawImage(picture.map, left, top, side, side);
  const at = ([low, high], value) => ((value - low) / (high - low)) * side;
  context.textAlign = "center";
  for (const value of ticks(range.x, 5)) context.fillText(tickText(value), left + at(range.x, value), top + side + 15);
  context.textAlign = "right";
  for (const value of ticks(range.y, 5))
    context.fillText(tickText(value), left - 6, top + side - at(range.y, value) + 4);
  context.fillText(axes[0], left + side, top + side + 30);
  context.textAlign = "left";
  context.fillText(axes[1], left, top - 6);
  context.translate(left, top);
  context.beginPath();
  context.rect(0, 0, side, side);
  context.clip();
  picture.drawAll(context, side, side);
  return canvas;
}

export function diagramPicture(app, { geometry, edges, features, units }) {
  const { canvas, context } = sheet(app, geometry.width, geometry.height);
  for (const { seen, hit, weight } of edges.edges) {
    context.strokeStyle = cssColour(weight < 0 ? LESS : MORE, 0.85);
    context.lineWidth = Number(seen.getAttribute("stroke-width"));
    context.stroke(new Path2D(hit.getAttribute("d")));
  }
  const { tile, columns } = geometry;
  context.textBaseline = "middle";
  const place = (column, row, map) => {
    const [x, y] = [columns[column].x, columns[column].ys[row]];
    context.drawImage(map, x - tile / 2, y - tile / 2, tile, tile);
    return [x, y];
  };
  context.textAlign = "right";
  for (const [row, { canvas: map, label, button }] of features.tiles.entries()) {
    context.globalAlpha = button.classList.contains("off") ? 0.3 : 1;
    const [x, y] = place(0, row, map);
    context.fillText(label.textContent, x - tile / 2 - 8, y);
  }
  context.globalAlpha = 1;
  context.textAlign = "left";
  for (const [layer, column] of units.layers.entries()) {
    for (const [row, { canvas: map, label }] of column.entries()) {
      const [x, y] = place(layer + 1, row, map);
      context.fillText(label.textContent, x + tile / 2 + 8, y);
    }
  }
  context.textAlign = "center";
  for (const [layer, { units: count, activation }] of app.build.layers.entries()) {
    const { x } = columns[layer + 1];
    context.fillText(`${count} ${count === 1 ? "unit" : "units"}`, x, 16);
    context.fillText(app.settings.activations[layer] ?? activation, x, 32);
  }
  return canvas;
}
