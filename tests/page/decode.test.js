import assert from "node:assert/strict";
import { test } from "node:test";
import { arraysOf, unpack } from "../../src/pellucid/playground/page/decode.js";

const THETA = { buffers: [{ name: "theta", dtype: "<f8", shape: [2] }] };

test("a buffer may start anywhere in its block", () => {
  const block = new Uint8Array([1, ...new Uint8Array(new Float64Array([0.5, -2]).buffer)]);
  assert.deepEqual(arraysOf(THETA, [new DataView(block.buffer, 1)]), { theta: new Float64Array([0.5, -2]) });
});

test("lost bytes are noticed", () => {
  for (const buffers of [[], undefined, [new DataView(new ArrayBuffer(0))], [new ArrayBuffer(8)]])
    assert.equal(arraysOf(THETA, buffers), null);
});

test("an array without numbers needs no bytes", () => {
  const message = { buffers: [{ name: "none", dtype: "<f4", shape: [0, 3] }] };
  assert.deepEqual(arraysOf(message, []), { none: new Float32Array(0) });
});

test("a message without buffers is its JSON", () => {
  const text = new TextEncoder().encode('{"t": "hello"}');
  const bytes = new Uint8Array(4 + text.length);
  bytes[0] = text.length;
  bytes.set(text, 4);
  assert.deepEqual(unpack(bytes.buffer), { message: { t: "hello" }, buffers: [] });
});
