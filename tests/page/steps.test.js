import assert from "node:assert/strict";
import { test } from "node:test";
import { clamped, nudged, sliderPosition, sliderValue } from "../../src/pellucid/playground/page/steps.js";

const RATE = { kind: "number", least: 1e-5, most: 10, log: true };
const COUNT = { kind: "integer", least: 0, most: 20_000, name: "batch_size" };
const SHARE = { kind: "number", least: 0, most: 0.9, step: 0.05 };
const SEED = { kind: "integer", least: 0, most: 2 ** 31 - 1, name: "seed" };

test("a number is nudged along its scale", () => {
  /** @type {[object, number, number, number[]][]} */
  const paths = [
    [RATE, 0.1, 1, [0.3, 1, 3, 10, 10]],
    [RATE, 0.05, -1, [0.03, 0.01, 0.003]],
    [{ ...RATE, least: 0 }, 3e-5, -1, [1e-5, 0, 0]],
    [{ ...RATE, least: 0 }, 0, 1, [1e-5, 3e-5]],
    [SHARE, 0.8, 1, [0.85, 0.9, 0.9]],
    [COUNT, 10, 1, [30, 100, 300]],
    [COUNT, 3, -1, [1, 0, 0]],
    [COUNT, 0, 1, [1, 3]],
    [SEED, 0, 1, [1, 2, 3]],
    [{ kind: "number" }, 1, -1, [0.9, 0.8]],
  ];
  for (const [field, start, direction, path] of paths) {
    let value = start;
    assert.deepEqual(
      path.map(() => (value = nudged(field, value, direction))),
      path,
    );
  }
});

test("every nudge moves, and stays within the range", () => {
  for (const field of [RATE, SHARE, { ...SEED, most: 50 }])
    for (const direction of [1, -1]) {
      const [start, end] = direction > 0 ? [field.least, field.most] : [field.most, field.least];
      let value = start;
      for (let count = 0; value !== end; count++) {
        const next = nudged(field, value, direction);
        assert.ok((next - value) * direction > 0 && count < 100, `${value} → ${next}`);
        value = next;
      }
    }
});

test("a slider gives back the value that it was set to", () => {
  const examples = [
    [{ kind: "integer", least: 20, most: 2000, step: 20 }, [20, 400, 1980, 2000]],
    [{ kind: "number", least: 0, most: 50, step: 1 }, [0, 7, 50]],
    [{ kind: "number", least: 1e-5, most: 10, log: true }, [1e-5, 0.01, 10]],
  ];
  for (const [field, values] of examples)
    for (const value of values) {
      const again = sliderValue(field, sliderPosition(field, value));
      assert.ok(Math.abs(again - value) <= 1e-9 * value, `${value}, given back as ${again}`);
    }
});

test("a whole number is rounded, and what has no limit has none", () => {
  assert.equal(clamped({ kind: "integer", least: 1, most: 9 }, 3.6), 4);
  assert.equal(clamped({ kind: "integer", least: 1, most: 9 }, 1000), 9);
  assert.equal(clamped({ kind: "number" }, -1e9), -1e9);
});
