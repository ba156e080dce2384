// Where tiles and curves stand, and where a weight stands in θ.
import assert from "node:assert/strict";
import { test } from "node:test";
import { curveBetween, geometryOf, leastHeight } from "../../src/pellucid/playground/page/geometry.js";
import {
  layerPlaces,
  signName,
  spokenWeight,
  strokeWidth,
  weightIndex,
} from "../../src/pellucid/playground/page/weights.js";

const FEATURES = Array.from({ length: 7 }, (_, k) => ({ label: `x${k}` }));
const differences = (values) => values.slice(1).map((value, k) => value - values[k]);

test("tiles of eight layers neither touch nor leave the picture", () => {
  for (const units of [1, 4, 16])
    for (const width of [668, 760, 1100]) {
      const layers = [...Array.from({ length: 8 }, () => ({ units })), { units: 2 }];
      const build = { features: FEATURES, outputs: ["setosa", "versicolor"], layers };
      const { tile, columns, height } = geometryOf(build, width, leastHeight(build));
      assert.ok(differences(columns.map(({ x }) => x)).every((gap) => gap > 1.3 * tile));
      for (const { x, ys } of columns) {
        assert.ok(tile / 2 <= x && x <= width - tile / 2);
        assert.ok(differences(ys).every((gap) => gap >= tile + 1));
        assert.ok(ys[0] - tile / 2 >= 85);
        assert.ok(ys.at(-1) + tile / 2 <= height);
      }
    }
});

test("a curve goes from the right side of a tile to the left side of the next", () => {
  assert.equal(curveBetween({ x: 10, y: 5 }, { x: 110, y: 25 }, 20), "M20 5C60 5 60 25 100 25");
});

test("each number of θ belongs to one weight or bias", () => {
  const places = layerPlaces(3, [{ units: 4 }, { units: 2 }]);
  const seen = new Set();
  for (const [layer, { inputs, units }] of places.entries())
    for (let unit = 0; unit < units; unit++) {
      for (let input = 0; input < inputs; input++)
        seen.add(weightIndex(places, { what: "weight", layer, unit, input }));
      seen.add(weightIndex(places, { what: "bias", layer, unit, input: null }));
    }
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    Array.from({ length: 3 * 4 + 4 + 4 * 2 + 2 }, (_, k) => k),
  );
});

test("a larger weight is drawn no thinner, and none vanishes", () => {
  for (const thinness of [1, 0.4]) {
    const widths = [0, 0.1, 1, 3, 100].map((weight) => strokeWidth(weight, thinness));
    assert.ok(differences(widths).every((step) => step >= 0));
    assert.ok(widths[0] >= 0.3);
    assert.equal(strokeWidth(-3, thinness), widths[3]);
  }
});

test("a sign is named", () => {
  assert.deepEqual([-1, 1, NaN].map(signName), ["less", "more", "unknown"]);
  assert.equal(spokenWeight(-0.5, "0.5"), "negative, 0.5");
});
