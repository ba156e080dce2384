import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Link } from "../../src/pellucid/playground/page/link.js";

let link;
let sent;
let heard;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  let now = 0;
  mock.method(performance, "now", () => now);
  globalThis.document = { hidden: false };
  sent = [];
  heard = { silences: [], messages: [] };
  const model = { on() {}, off() {}, send: (message) => sent.push(message) };
  link = new Link(model, {
    message: (message, arrays) => heard.messages.push([message, arrays]),
    silence: (whether) => heard.silences.push(whether),
    connection() {},
    greeting: () => ({ lesson: "moons" }),
  });
  link.pass = (milliseconds) => {
    now += milliseconds;
    mock.timers.tick(milliseconds);
  };
});

afterEach(() => {
  link.close();
  mock.timers.reset();
  mock.restoreAll();
  delete globalThis.document;
});

test("changes of one moment go as one message", () => {
  link.set({ rate: 0.1 });
  link.set({ data: "moons", rate: 0.3 });
  assert.deepEqual(sent, []);
  link.pass(50);
  assert.deepEqual(sent, [{ t: "set", values: { data: "moons", rate: 0.3 } }]);
});

test("a command goes after the changes that came before it", () => {
  link.set({ rate: 0.1 });
  link.send("play");
  link.pass(50);
  assert.deepEqual(
    sent.map(({ t }) => t),
    ["set", "play"],
  );
});

test("an acknowledgement pushes nothing", () => {
  link.latest("hover", { unit: 1 });
  link.send("ack");
  assert.deepEqual(
    sent.map(({ t }) => t),
    ["ack"],
  );
});

test("silence is told once, and the first word after it ends it", () => {
  link.send("play");
  link.pass(5000);
  assert.deepEqual(heard.silences, []);
  link.pass(3000);
  assert.deepEqual(heard.silences, [true]);
  link.pass(3000);
  link.receive({ t: "frame" }, []);
  assert.deepEqual(heard.silences, [true, false]);
});

test("where bytes get lost it asks for text, once", () => {
  const frame = { t: "frame", buffers: [{ name: "theta", dtype: "<f8", shape: [2] }] };
  link.receive(frame, []);
  assert.deepEqual(sent, [{ t: "hello", protocol: 1, binary: false, lesson: "moons" }]);
  assert.deepEqual(heard.messages, []);
  assert.throws(() => link.receive(frame, []), /The buffers of frame did not arrive/);
});

test("an acknowledgement that got stuck is sent again while Python is silent", () => {
  link.receive({ t: "frame", playing: true }, []);
  link.send("ack", { seq: 7 });
  for (let second = 1; second <= 2; second++) link.pass(1000);
  assert.deepEqual(sent, [{ t: "ack", seq: 7 }]);
  link.pass(1000);
  assert.deepEqual(sent, Array(2).fill({ t: "ack", seq: 7 }));
  link.receive({ t: "frame", playing: false }, []);
  link.pass(10_000);
  assert.equal(sent.length, 2);
});
