// The loss curve drawn on a canvas: axes, the two lines, thinned to what the pixels can show.
import { numberText, tickText, ticks } from "./format.js";

const MARGIN = { left: 44, right: 10, top: 10, bottom: 22 };

/** The chart's scales for these rows: {x(epoch), y(loss), epoch(px), low, high, last, log, width, height}. */
export function chartScale(rows, width, height, log) {
  const last = rows.length ? rows.epochs[rows.length - 1] : 1;
  let [low, high] = [Infinity, -Infinity];
  for (const column of [rows.train, rows.test]) {
    for (const loss of column) {
      if (!Number.isFinite(loss) || (log && loss <= 0)) continue;
      if (loss < low) low = loss;
      if (loss > high) high = loss;
    }
  }
  if (low > high) [low, high] = log ? [0.1, 1] : [0, 1];
  if (log) [low, high] = [10 ** Math.floor(Math.log10(low) + 1e-9), 10 ** Math.ceil(Math.log10(high) - 1e-9)];
  else low = Math.min(0, low);
  if (high <= low) high = log ? low * 10 : low + (Math.abs(low) || 1);
  const flat = log ? Math.log10 : (value) => value;
  const [bottom, top] = [flat(low), flat(high)];
  const [w, h] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
  const span = Math.max(last, 1);
  return {
    low,
    high,
    last,
    span,
    log,
    width,
    height,
    margin: MARGIN,
    x: (epoch) => MARGIN.left + (w * epoch) / span,
    y: (loss) => MARGIN.top + h * (1 - (flat(loss) - bottom) / (top - bottom)),
    epoch: (px) => Math.max(0, Math.min(last, ((px - MARGIN.left) / w) * span)),
  };
}

export function drawAxes(context, scale, ink) {
  context.font = "10.5px system-ui, sans-serif";
  context.lineWidth = 1;
  context.fillStyle = ink.soft;
  context.strokeStyle = ink.line;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of scale.log ? decades(scale.low, scale.high) : ticks([scale.low, scale.high], 4)) {
    const y = Math.round(scale.y(value)) + 0.5;
    line(context, scale.margin.left, y, scale.width - scale.margin.right, y);
    context.fillText(tickText(value), scale.margin.left - 6, y);
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const value of ticks([0, scale.span], 4)) {
    const x = scale.x(value);
    const text = tickText(value);
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(x, scale.width - half - 1), scale.height - scale.margin.bottom + 6);
  }
}

function decades(low, high) {
  const powers = Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, k) => low * 10 ** k);
  const every = Math.ceil(powers.length / 5);
  return powers.filter((_, k) => k % every === 0).map((value) => Number(value.toPrecision(6)));
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** One column of losses; where many rows share a pixel, its least and largest stand for them. */
export function drawLosses(context, epochs, losses, scale, colour, dash) {
  context.strokeStyle = colour;
  context.lineWidth = 1.7;
  context.lineJoin = "round";
  context.setLineDash(dash);
  context.beginPath();
  const crowded = epochs.length > 2 * scale.width;
  let [pixel, least, most, latest, pen] = [-1, 0, 0, 0, false];
  const flush = () => {
    if (pixel < 0) return;
    for (const y of least === most ? [latest] : [least, most, latest]) {
      if (pen) context.lineTo(pixel, y);
      else context.moveTo(pixel, y);
      pen = true;
    }
  };
  for (let k = 0; k < epochs.length; k++) {
    if (!Number.isFinite(losses[k]) || (scale.log && losses[k] <= 0)) continue;
    const y = scale.y(losses[k]);
    const x = crowded ? Math.round(scale.x(epochs[k])) : scale.x(epochs[k]);
    if (crowded && x === pixel) {
      [least, most, latest] = [Math.min(least, y), Math.max(most, y), y];
      continue;
    }
    flush();
    [pixel, least, most, latest] = [x, y, y, y];
  }
  flush();
  context.stroke();
  context.setLineDash([]);
}

/** A vertical line at `row` with its values, on the side where there is room. */
export function drawReading(context, rows, row, scale, ink, title) {
  const x = scale.x(rows.epochs[row]);
  context.strokeStyle = ink.soft;
  context.lineWidth = 1;
  line(context, x, scale.margin.top, x, scale.height - scale.margin.bottom);
  const readings = [
    ["training", rows.train[row], ink.train],
    ["test", rows.test[row], ink.test],
  ].filter(([, loss]) => Number.isFinite(loss));
  for (const [, loss, colour] of readings) {
    if (scale.log && loss <= 0) continue;
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, scale.y(loss), 3.2, 0, 2 * Math.PI);
    context.fill();
  }
  const texts = [title, ...readings.map(([name, loss]) => `${name} ${numberText(loss, 4)}`)];
  context.font = "11px system-ui, sans-serif";
  const width = Math.max(...texts.map((text) => context.measureText(text).width)) + 14;
  const left = x + 8 + width < scale.width ? x + 8 : x - 8 - width;
  context.fillStyle = ink.card;
  context.strokeStyle = ink.line;
  context.beginPath();
  context.roundRect(left, scale.margin.top + 2, width, 15 * texts.length + 8, 5);
  context.fill();
  context.stroke();
  context.textAlign = "left";
  context.textBaseline = "top";
  for (const [k, text] of texts.entries()) {
    context.fillStyle = k === 0 ? ink.soft : readings[k - 1][2];
    context.fillText(text, left + 7, scale.margin.top + 8 + 15 * k);
  }
}
