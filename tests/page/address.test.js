import assert from "node:assert/strict";
import { test } from "node:test";
import { SWITCHES, readAddress, writeAddress } from "../../src/pellucid/playground/page/address.js";

test("settings are read from an address", () => {
  const examples = {
    "#data=moons&learning_rate=0.03": { data: "moons", learning_rate: 0.03 },
    "#hidden=(8,8)&features=(x1,x1%5E2)": { hidden: [8, 8], features: ["x1", "x1^2"] },
    "#hidden=(4)": { hidden: [4] },
    "#hidden=4,2": { hidden: [4, 2] },
    "#hidden=()": { hidden: [] },
    "#nonsense&data=xor": { data: "xor" },
    "": {},
  };
  for (const [hash, settings] of Object.entries(examples)) assert.deepEqual(readAddress(hash).settings, settings);
});

test("an address holds what differs from the defaults and nothing else", () => {
  const schema = [
    { name: "data", default: "circles" },
    { name: "hidden", default: [4, 2] },
    { name: "features", default: ["x1", "x2"] },
    { name: "learning_rate", default: 0.1 },
  ];
  const changed = { hidden: [3], features: ["x1*x2", "sin(pi*x1)"], learning_rate: 1e-5 };
  const view = { ...SWITCHES, show_test: true, hide: ["maths", "doctor"], theme: "auto" };
  const written = writeAddress(schema, { data: "circles", ...changed }, view);
  assert.doesNotMatch(written, /data|theme/);
  const read = readAddress(`#${written}`);
  assert.deepEqual(read.settings, changed);
  assert.deepEqual(read.view, { show_test: true, hide: ["maths", "doctor"] });
});

test("a lesson is no setting", () => {
  assert.deepEqual(readAddress("#lesson=moons&sharp=1"), { settings: {}, view: { sharp: true }, lesson: "moons" });
});

test("an address that is no address is read all the same", () => {
  assert.deepEqual(readAddress("#data=100%&%=1").settings, { data: "100%", "%": 1 });
  assert.deepEqual(readAddress("#toString=1"), { settings: { toString: 1 }, view: {}, lesson: null });
});
