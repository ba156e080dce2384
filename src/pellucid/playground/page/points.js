// Points in the picture: a colour and a shape for each class, a pale rim, a dark rim for test points.
import { classColour, cssColour, valueColour } from "./colours.js";

const RIM = { light: ["#ffffff", "#14181d"], dark: ["#0f1216", "#f2f4f6"] };

const RIM_OF_VALUES = "rgb(110 120 130 / 75%)"; // a point that lies where its colour does would vanish in a pale rim

const SHAPES = [
  (c, x, y, r) => c.arc(x, y, r, 0, 2 * Math.PI),
  (c, x, y, r) => c.rect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r),
  (c, x, y, r) => polygon(c, x, y, 1.25 * r, 3, -90),
  (c, x, y, r) => polygon(c, x, y, 1.2 * r, 4, 0),
  (c, x, y, r) => polygon(c, x, y, 1.25 * r, 3, 90),
  (c, x, y, r) => polygon(c, x, y, 1.1 * r, 5, -90),
  (c, x, y, r) => polygon(c, x, y, 1.1 * r, 6, 0),
  (c, x, y, r) => star(c, x, y, 1.35 * r),
];

function polygon(context, x, y, radius, corners, turn) {
  for (let k = 0; k < corners; k++) {
    const angle = ((turn + (360 * k) / corners) * Math.PI) / 180;
    context.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  context.closePath();
}

function star(context, x, y, radius) {
  for (let k = 0; k < 10; k++) {
    const angle = ((-90 + 36 * k) * Math.PI) / 180;
    const size = k % 2 ? radius * 0.48 : radius;
    context.lineTo(x + size * Math.cos(angle), y + size * Math.sin(angle));
  }
  context.closePath();
}

/** Marks on `context`; two classes are circles both, for there colour and place are enough. */
export function drawMark(context, x, y, radius, kind, count) {
  context.beginPath();
  SHAPES[count > 2 ? kind % SHAPES.length : 0](context, x, y, radius);
}

/**
 * Rows (x1, x2, y) as points on a plot of `width` × `height` pixels.
 * `scene`: {range, classes (0: regression), span: [low, high] of y, theme, test}.
 */
export function drawPoints(context, rows, width, height, scene) {
  const {
    x: [x0, x1],
    y: [y0, y1],
  } = scene.range;
  const [pale, dark] = RIM[scene.theme];
  const radius = rows.length > 1500 ? 2.3 : 2.9;
  context.lineWidth = scene.test ? 1.5 : 1;
  context.strokeStyle = scene.test ? dark : scene.classes ? pale : RIM_OF_VALUES;
  const largest = Math.max(Math.abs(scene.span[0]), Math.abs(scene.span[1])) || 1;
  for (let k = 0; k + 2 < rows.length; k += 3) {
    const x = ((rows[k] - x0) / (x1 - x0)) * width;
    const y = height - ((rows[k + 1] - y0) / (y1 - y0)) * height;
    const target = rows[k + 2];
    context.fillStyle = cssColour(scene.classes ? classColour(target) : valueColour(target / largest, scene.theme));
    drawMark(context, x, y, scene.test ? radius - 0.2 : radius, target, scene.classes);
    context.fill();
    context.stroke();
  }
}

/** The row of the point nearest to (px, py), within `reach` pixels, or −1. */
export function nearestPoint(rows, px, py, width, height, range, reach) {
  let [best, least] = [-1, reach * reach];
  for (let k = 0; k + 2 < rows.length; k += 3) {
    const dx = ((rows[k] - range.x[0]) / (range.x[1] - range.x[0])) * width - px;
    const dy = height - ((rows[k + 1] - range.y[0]) / (range.y[1] - range.y[0])) * height - py;
    const distance = dx * dx + dy * dy;
    if (distance < least) [best, least] = [k / 3, distance];
  }
  return best;
}
