import assert from "node:assert/strict";
import { test } from "node:test";
import { classTable, cssColour, valueTable } from "../../src/pellucid/playground/page/colours.js";

for (const theme of ["light", "dark"])
  test(`blue is more and orange is less, and every step is a step away from neutral (${theme})`, () => {
    const table = valueTable(theme);
    const warmth = [...table.slice(1)].map((colour) => (colour & 255) - ((colour >> 16) & 255));
    assert.ok(warmth.every((value, k) => k === 0 || value <= warmth[k - 1]));
    assert.ok(warmth[0] > 100 && warmth.at(-1) < -100);
    assert.equal(table[0], 0xff808080);
  });

test("every class has its own full colour, and none at chance", () => {
  const table = classTable("light", 8);
  assert.equal(table.length, 8 * 256);
  assert.equal(new Set(Array.from({ length: 8 }, (_, k) => table[256 * k + 255])).size, 8);
  assert.equal(new Set(Array.from({ length: 8 }, (_, k) => table[256 * k])).size, 1);
});

test("a colour as the style sheet writes it", () => {
  assert.equal(cssColour([1, 2, 3]), "rgb(1 2 3)");
  assert.equal(cssColour([1, 2, 3], 0.5), "rgb(1 2 3 / 0.5)");
});
