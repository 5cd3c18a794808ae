import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

Object.assign(globalThis, { document: { hidden: false, addEventListener() {} }, addEventListener() {} });
const { Requests } = await import("../../../static/connection/requests.js");

const ID = "a".repeat(32);
const task = (changes) => ({ task_id: ID, status: "processing", finished_at: null, ...changes });
const hello = { session: true, limits: {} };
const problem = (status, code, headers = {}) => [status, { type: `urn:leyline:error:${code}`, code }, headers];

let asked; // all that were, as {url, wait, answer(status, body, headers)}
let told;
let requests;

beforeEach(() => {
  requests?.stop();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  document.hidden = false;
  [asked, told] = [[], []];
  globalThis.fetch = (url, { headers, signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      const answer = (status, body, more = {}) =>
        resolve({ ok: status < 400, status, text: async () => JSON.stringify(body), headers: new Headers(more) });
      asked.push({ url, wait: headers.Prefer ?? null, answer });
    });
  requests = new Requests((event, data) => told.push([event, data]));
});

async function pass(ms = 0) {
  mock.timers.tick(ms);
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
}

const lists = () => asked.filter(({ url }) => url.includes("since="));
const events = () => told.map(([event]) => event);

test("the first answer comes at once and is a snapshot, and the next waits for what is newer", async () => {
  await pass();
  assert.deepEqual([lists().length, lists()[0].url], [1, "/api/video/?since="]);
  lists()[0].answer(200, { hello, version: "v1", tasks: [], next: null });
  await pass();
  assert.deepEqual(told, [["hello", hello], ["snapshot", { tasks: [], next: null }]]);
  await pass(500);
  assert.deepEqual([lists().length, lists()[1].url, lists()[1].wait], [2, "/api/video/?since=v1", "wait=20"]);
  await pass(10_000);
  assert.equal(lists().length, 2, "one request waits at a time");
  lists()[1].answer(200, { hello, version: "v2", tasks: [task()], next: null });
  await pass();
  assert.deepEqual(events().filter((event) => event !== "queue" && event !== "model").slice(2), ["hello", "followed"]);
});

test("a page that is not seen holds no connection, and asks now and then", async () => {
  document.hidden = true;
  await pass();
  assert.equal(lists()[0].wait, null);
  lists()[0].answer(200, { hello, version: "v1", tasks: [], next: null });
  await pass();
  await pass(14_000);
  assert.equal(lists().length, 1);
  await pass(1_000);
  assert.deepEqual([lists().length, lists()[1].wait], [2, null]);
  assert.equal(asked.filter(({ url }) => url.endsWith("/api/queue")).length, 0);
});

test("a page that is seen again asks at once", async () => {
  document.hidden = true;
  await pass();
  lists()[0].answer(200, { hello, version: "v1", tasks: [], next: null });
  await pass();
  document.hidden = false;
  requests.probe();
  await pass();
  assert.deepEqual([lists().length, lists()[1].wait], [2, "wait=20"]);
});

test("the line is asked for every three seconds", async () => {
  await pass(3_000);
  const [line] = asked.filter(({ url }) => url.endsWith("/api/queue"));
  line.answer(200, { waiting: 3, model: { state: "busy" } });
  await pass();
  assert.deepEqual(told, [["queue", { waiting: 3 }], ["model", { state: "busy" }]]);
  await pass(2_900);
  assert.equal(asked.filter(({ url }) => url.endsWith("/api/queue")).length, 1);
  await pass(100);
  assert.equal(asked.filter(({ url }) => url.endsWith("/api/queue")).length, 2);
});

test("what is not answered is told, and asked again when the server says", async () => {
  await pass();
  lists()[0].answer(...problem(429, "client_limit", { "Retry-After": "5" }));
  await pass();
  assert.deepEqual([told[0][0], told[0][1].problem.code], ["unanswered", "client_limit"]);
  await pass(4_900);
  assert.equal(lists().length, 1);
  await pass(100);
  assert.equal(lists().length, 2);
});

test("tasks without a session are looked at until they have ended, and one that is not there is told so", async () => {
  requests.subscribe([ID, "b".repeat(32)]);
  const statuses = () => asked.filter(({ url }) => url.endsWith("/status"));
  await pass();
  statuses()[0].answer(200, task());
  await pass();
  statuses()[1].answer(...problem(404, "not_found"));
  await pass();
  assert.deepEqual(told.map(([event, data]) => [event, data.task_id ?? data.task_ids]), [["task_status", ID], ["error", ["b".repeat(32)]]]);
  await pass(3_000);
  asked.at(-1).answer(200, { model: {} });
  await pass();
  statuses()[2].answer(200, task({ status: "succeeded", finished_at: "now" }));
  await pass();
  const count = statuses().length;
  await pass(3_000);
  asked.at(-1).answer(200, { model: {} });
  await pass();
  assert.deepEqual([count, statuses().length], [3, 3]);
});

test("what is stopped tells nothing any more and asks for nothing", async () => {
  await pass();
  requests.stop();
  lists()[0].answer(200, { hello, version: "v1", tasks: [], next: null });
  await pass(60_000);
  assert.deepEqual([told, lists().length], [[], 1]);
});
