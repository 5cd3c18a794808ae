import assert from "node:assert/strict";
import { test } from "node:test";
import { addListed, partsOf, receive } from "../../../static/tasks/tasks.js";
import { at, known, task } from "./example.js";

const status = (data) => ({ event: "task_status", data });

test("an older message never overwrites a newer one", () => {
  const tasks = known(task({ version: 2_000_003, status: "processing", progress: 40 }));
  const { task_id: id } = task();
  assert.equal(receive(tasks, status({ task_id: id, version: 2_000_002, progress: 39 })), tasks);
  assert.equal(receive(tasks, status(task({ version: 1_000_000 }))), tasks);
});

test("changed fields leave the others as they were", () => {
  const tasks = known(task({ version: 5, status: "processing", progress: 10, stage: "generating" }));
  const [changed] = receive(tasks, status({ task_id: task().task_id, version: 6, progress: 11 })).values();
  assert.deepEqual(changed, task({ version: 6, status: "processing", progress: 11, stage: "generating" }));
});

test("changed fields of a task that is not known are nothing to show", () => {
  const none = new Map();
  assert.equal(receive(none, status({ task_id: "b".repeat(32), version: 6, progress: 11 })), none);
});

test("a snapshot replaces all that the server owns", () => {
  const gone = task({ task_id: "b".repeat(32) });
  const tasks = receive(known(gone), { event: "snapshot", data: { tasks: [task()] } });
  assert.deepEqual([...tasks.keys()], [task().task_id]);
});

test("a snapshot does not take a task back that an answer has already moved on", () => {
  const newer = task({ version: 2_000_000, status: "canceled" });
  const tasks = receive(known(newer), { event: "snapshot", data: { tasks: [task({ version: 1_000_000 })] } });
  assert.equal(tasks.get(newer.task_id).status, "canceled");
});

test("a snapshot leaves tasks that are watched by their address", () => {
  const watched = task({ task_id: "c".repeat(32) });
  const message = { event: "snapshot", data: { tasks: [] } };
  assert.equal(receive(known(watched), message, new Set([watched.task_id])).size, 1);
  assert.equal(receive(known(watched), message).size, 0);
});

test("a full snapshot leaves the older tasks that were listed beyond it", () => {
  const finished = (n) => task({ task_id: String(n).padStart(32, "0"), status: "succeeded", created_at: at(n) });
  const newest = Array.from({ length: 50 }, (_, n) => finished(n + 10));
  const tasks = receive(known(finished(1), ...newest), { event: "snapshot", data: { tasks: newest, next: newest[0].task_id } });
  assert.equal(tasks.size, 51);
});

test("a task that is gone is forgotten", () => {
  assert.equal(receive(known(task()), { event: "task_gone", data: { task_id: task().task_id } }).size, 0);
});

test("of positions and estimates the newest wins, whatever the version", () => {
  const tasks = known(task({ version: 9, queue: { position: 3, size: 3 }, eta: null }));
  const place = { task_id: task().task_id, queue: { position: 2, size: 2 }, eta: null, eta_reason: "paused" };
  const [waits] = receive(tasks, { event: "queue", data: { tasks: [place] } }).values();
  assert.deepEqual([waits.eta, waits.eta_reason], [null, "paused"]);
  Object.assign(place, { eta: { ready_at: at(60), basis: "prior" }, eta_reason: null });
  const [moved] = receive(tasks, { event: "queue", data: { tasks: [place] } }).values();
  assert.deepEqual([moved.queue.position, moved.eta.basis, moved.eta_reason, moved.version], [2, "prior", null, 9]);
});

test("a task whose place is not told again stands where it stood, of as many as wait now", () => {
  const tasks = known(task({ queue: { position: 3, size: 3 } }));
  const [stands] = receive(tasks, { event: "queue", data: { waiting: 9, tasks: [] } }).values();
  assert.deepEqual(stands.queue, { position: 3, size: 9 });
  const finished = known(task({ status: "succeeded", queue: null }));
  assert.deepEqual([...receive(finished, { event: "queue", data: { waiting: 9, tasks: [] } })], [...finished]);
});

test("a late position does not put a running or finished task back in line", () => {
  const place = { task_id: task().task_id, queue: { position: 1, size: 1 }, eta: null };
  const running = receive(known(task({ status: "processing" })), { event: "queue", data: { tasks: [place] } });
  assert.equal([...running.values()][0].queue, null);
  const done = task({ status: "succeeded" });
  assert.deepEqual([...receive(known(done), { event: "queue", data: { tasks: [place] } }).values()], [done]);
});

test("a page of the list adds what is not known and keeps what is newer", () => {
  const newer = task({ version: 7 });
  const listed = addListed(known(newer), [task({ version: 3 }), task({ task_id: "d".repeat(32) })]);
  assert.deepEqual([...listed.values()].map(({ version }) => version), [7, 0]);
});

test("messages of other kinds change nothing", () => {
  const tasks = known(task());
  assert.equal(receive(tasks, { event: "pong", data: {} }), tasks);
});

test("those that are over are the same list while one that goes on moves on, and every part is as the tasks are", () => {
  const id = (n) => String(n).padStart(32, "0");
  const done = (n) => task({ task_id: id(n), status: "succeeded", version: 1 });
  let tasks = known(task({ task_id: id(0), version: 1, status: "processing", progress: 1 }), task({ task_id: id(1), version: 1 }), done(2), done(3));
  const { over } = partsOf(tasks);
  const hear = (data) => (tasks = receive(tasks, status(data)));
  const are = () => {
    const all = [...tasks.values()];
    const [open, ended] = [false, true].map((is) => all.filter((each) => (each.status === "succeeded") === is));
    assert.deepEqual([new Set(partsOf(tasks).open), new Set(partsOf(tasks).over)], [new Set(open), new Set(ended)]);
  };
  hear({ task_id: id(0), version: 2, progress: 2 });
  hear({ task_id: id(1), version: 2, status: "processing", progress: 0 });
  are();
  tasks = receive(tasks, { event: "queue", data: { waiting: 1, tasks: [{ task_id: id(1), queue: null, eta: null, eta_reason: "paused" }] } });
  are();
  assert.equal(tasks.get(id(1)).eta_reason, "paused");
  assert.equal(partsOf(tasks).over, over);
  for (const news of [{ task_id: id(2), version: 2, pinned: true }, done(4), { task_id: id(0), version: 3, status: "succeeded" }]) {
    const before = partsOf(tasks).over;
    hear(news);
    are();
    assert.notEqual(partsOf(tasks).over, before);
  }
  tasks = receive(tasks, { event: "task_gone", data: { task_id: id(3) } });
  are();
});
