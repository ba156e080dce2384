import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compactText,
  epochText,
  lossText,
  metricText,
  numberText,
  secondsText,
  tickText,
  ticks,
} from "../../src/pellucid/playground/page/format.js";

test("all and nothing are said only where they are exact", () => {
  const shares = [1, 0.9996, 0.5, 0.0004, 0, null];
  const written = shares.map((share) => metricText("accuracy", share));
  assert.deepEqual(written, ["100.0 %", ">99.9 %", "50.0 %", "<0.1 %", "0.0 %", "–"]);
  const r2 = [1, 0.9999, -0.5].map((value) => metricText("r2", value));
  assert.deepEqual(r2, ["1.000", "0.999+", "−0.500"]);
});

test("numbers are written short", () => {
  const texts = [
    [numberText(0.0123456), "0.0123"],
    [numberText(-2.5), "−2.50"],
    [numberText(1234567), "1.2e6"],
    [numberText(null), "–"],
    [numberText(Infinity), "∞"],
    [lossText(0.6931), "0.6931"],
    [lossText(0.00012345), "1.2e−4"],
    [lossText(0), "0.0000"],
    [lossText(123.456), "123.5"],
    [epochText(123), "000,123"],
    [epochText(2.4), "000,002.40"],
    [epochText(2.9999), "000,002.99"],
    [compactText(215300), "215 k"],
    [secondsText(61), "1:01 min"],
    [metricText("accuracy", 0.9876), "98.8 %"],
    [metricText("r2", -0.25), "−0.250"],
  ];
  for (const [written, expected] of texts) assert.equal(written, expected);
});

test("a number that is rounded up to the next power of ten has no digit too many", () => {
  assert.equal(numberText(9.999), "10.0");
  assert.equal(numberText(0.99999), "1.00");
  assert.equal(numberText(-99.99), "−100");
  assert.equal(numberText(999_999.9), "1.0e6");
  assert.equal(lossText(99.99999), "100.0");
  assert.equal(compactText(999_960), "1.00 M");
  assert.equal(secondsText(59.99), "1:00 min");
});

test("a loss needs at most seven characters, so that what stands beside it stays where it is", () => {
  for (let power = -12; power < 12; power++)
    for (const digit of [1, 5, 9.99999999]) assert.ok(lossText(digit * 10 ** power).length <= 7);
});

test("ticks are round, within the range, and about as many as asked for", () => {
  for (const [low, high] of [
    [0, 1],
    [-6, 6],
    [0.013, 0.0131],
    [-1e-9, 3e7],
    [12, 19],
  ]) {
    const found = ticks([low, high], 5);
    assert.ok(found.length >= 2 && found.length <= 7, `${low}…${high}: ${found}`);
    assert.ok(found.every((tick) => tick >= low - 1e-9 * high && tick <= high * (1 + 1e-9)));
    const digits = found.map((tick) =>
      Math.abs(tick)
        .toPrecision(6)
        .replace(/e.*|\./g, ""),
    );
    assert.ok(digits.every((text) => text.replace(/^0+|0+$/g, "").length <= 4));
  }
  assert.deepEqual(ticks([1, 1], 5), [1]);
  assert.deepEqual(ticks([0, 10], 4), [0, 5, 10]);
});

test("ticks are written without what says nothing", () => {
  assert.deepEqual([0, 0.5, -2, 20_000, 3e6, 1e-4].map(tickText), ["0", "0.5", "−2", "20k", "3.00M", "1e−4"]);
});
