import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { LiveSocket } from "../../../static/connection/socket.js";

class FakeSocket {
  static OPEN = 1;
  static CONNECTING = 0;
  static all = [];
  readyState = 0;

  constructor() {
    FakeSocket.all.push(this);
  }

  open() {
    this.readyState = 1;
  }

  say(event, data = {}) {
    this.onmessage({ data: JSON.stringify({ event, data }) });
  }

  send() {}

  close() {
    this.readyState = 3;
  }

  end() {
    this.readyState = 3;
    this.onclose?.();
  }
}

Object.assign(globalThis, { WebSocket: FakeSocket, addEventListener() {}, document: { addEventListener() {} } });

const newest = () => FakeSocket.all.at(-1);

/* All that follows at once has happened; a part of the page that is loaded takes a few rounds. */
async function settled() {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
}

await import("../../../static/connection/fallback.js");

beforeEach(() => {
  FakeSocket.all = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
});

/* The newest socket ends, and another one has been opened. */
async function useless(...before) {
  for (const what of before) newest()[what]();
  newest().end();
  await settled();
  mock.timers.tick(10_000);
}

function started(answers = async () => ({})) {
  const told = [];
  const requests = { stopped: false, stop: () => (requests.stopped = true), probe() {}, subscribe: (ids) => told.push(ids) };
  const socket = new LiveSocket("ws://here", answers, async (tell) => Object.assign(requests, { tell }));
  socket.on("state", (state) => told.push(state));
  socket.on("asks", ({ asks }) => told.push(asks));
  socket.start();
  return { socket, requests, told };
}

test("after three sockets that never opened it is asked by requests", async () => {
  const { socket, told, requests } = started();
  await useless();
  await useless();
  assert.equal(socket.asks, false);
  await useless();
  assert.equal(socket.asks, true);
  assert.deepEqual(told, [true]);
  requests.tell("snapshot", {});
  assert.equal(socket.state, "live");
  await socket.whenOpen();
  socket.send("subscribe", { task_ids: ["a"] });
  assert.deepEqual(told, [true, "live", ["a"]]);
});

test("a socket that opens and closes without a word is as useless", async () => {
  const { socket } = started();
  for (const _ of [1, 2, 3]) await useless("open");
  assert.equal(socket.asks, true);
});

test("one that says something is none of three in a row", async () => {
  const { socket } = started();
  await useless();
  await useless();
  newest().open();
  newest().say("hello");
  await useless();
  await useless();
  await useless();
  assert.equal(socket.asks, false);
  await useless();
  assert.equal(socket.asks, true);
});

test("while the server answers no request either, no socket counts", async () => {
  let away = true;
  const { socket } = started(async () => away && Promise.reject(new Error("away")));
  for (const _ of [1, 2, 3, 4, 5]) await useless();
  assert.equal(socket.asks, false);
  away = false;
  for (const _ of [1, 2, 3]) await useless();
  assert.equal(socket.asks, true);
});

test("a socket that passes again takes the requests' place", async () => {
  const { socket, requests, told } = started();
  for (const _ of [1, 2, 3]) await useless();
  requests.tell("snapshot", {});
  mock.timers.tick(10_000);
  newest().open();
  newest().say("hello");
  assert.deepEqual([socket.asks, requests.stopped], [false, true]);
  newest().say("snapshot");
  assert.deepEqual(told, [true, "live", false]);
});

test("it tries a socket again ever later, and tells nobody when it fails", async () => {
  mock.method(Math, "random", () => 1);
  const { requests, told } = started();
  for (const _ of [1, 2, 3]) await useless();
  requests.tell("snapshot", {});
  const before = told.length;
  const waits = [];
  for (const _ of [1, 2, 3]) {
    const count = FakeSocket.all.length;
    newest().end();
    for (waits.push(0); FakeSocket.all.length === count; waits[waits.length - 1] += 1) mock.timers.tick(1000);
  }
  assert.deepEqual(waits, [10, 20, 40]);
  assert.equal(told.length, before);
});

test("when the requests are not answered it is reconnecting, and tries a socket as soon as they are", async () => {
  const { socket, requests } = started();
  for (const _ of [1, 2, 3]) await useless();
  requests.tell("snapshot", {});
  newest().end();
  requests.tell("unanswered", {});
  assert.equal(socket.state, "reconnecting");
  const count = FakeSocket.all.length;
  requests.tell("followed", {});
  assert.deepEqual([socket.state, FakeSocket.all.length], ["live", count + 1]);
});
