import assert from "node:assert/strict";
import { test } from "node:test";
import { LossRows } from "../../src/pellucid/playground/page/losses.js";

test("rows of the curve replace those from their start on", () => {
  const rows = new LossRows();
  assert.ok(rows.replace(0, 1, [0, 9, 8, 1, 7, 6]));
  assert.ok(rows.replace(2, 1, [2, 5, 4]));
  assert.ok(rows.replace(1, 2, [2, 5, NaN]));
  assert.deepEqual(rows.epochs, [0, 2]);
  assert.deepEqual(rows.train, [9, 5]);
  assert.equal(rows.replace(7, 1, [9, 1, 1]), false); // rows are missing before it
});

test("the nearest row, and the table of the curve", () => {
  const rows = new LossRows();
  assert.equal(rows.nearest(3), -1);
  rows.replace(0, 10, [0, 1, 2, 10, 0.5, NaN, 20, 0.25, 0.3]);
  assert.deepEqual(
    [-5, 4, 6, 15.5, 99].map((epoch) => rows.nearest(epoch)),
    [0, 0, 1, 2, 2],
  );
  assert.equal(rows.csv(), "epoch,training_loss,test_loss\n0,1,2\n10,0.5,\n20,0.25,0.3\n");
});
