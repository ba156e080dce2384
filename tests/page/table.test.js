import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { takeFile } from "../../src/pellucid/playground/page/table.js";

let app;
let sent;
let errors;

beforeEach(() => {
  sent = [];
  errors = [];
  app = {
    catalog: { limits: { text: 600_000, piece: 256_000 } },
    link: { send: (t, fields) => sent.push({ t, ...fields }) },
    emit: (event, told) => event === "error" && errors.push(told.text),
  };
});

const file = (text, size = text.length) => ({ name: "birds.csv", size, text: async () => text });

test("a table goes in pieces that make the whole again", async () => {
  const text = "a,b\n".repeat(130_000);
  await takeFile(app, file(text));
  assert.deepEqual(errors, []);
  assert.deepEqual(
    sent.map(({ t, name, part, parts }) => [t, name, part, parts]),
    [0, 1, 2].map((part) => ["table", "birds.csv", part, 3]),
  );
  assert.equal(sent.map((piece) => piece.text).join(""), text);
});

test("what can be seen to be wrong is said, and nothing is sent", async () => {
  const wrong = [
    [file("", 2_400_001), /too large: 2400001 bytes/],
    [file("x".repeat(600_001)), /too large: 600001 characters/],
    [file(" \n"), /is empty/],
    [file("PK\u0000"), /is not text/],
  ];
  for (const [one, said] of wrong) {
    await takeFile(app, one);
    assert.match(errors.pop(), said);
  }
  assert.deepEqual(sent, []);
});
