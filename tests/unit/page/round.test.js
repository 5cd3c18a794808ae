import assert from "node:assert/strict";
import { test } from "node:test";
import { roundOf } from "../../../static/line/round.js";
import { receive } from "../../../static/tasks/tasks.js";
import { at, draft, known, scene, task } from "./example.js";

let number = 0;
const next = () => String((number += 1)).padStart(32, "0");
const over = (from, to, changes = {}) => task({ task_id: next(), status: "succeeded", created_at: at(from), finished_at: at(to), ...changes });
const open = (from, ready, changes = {}) => task({ task_id: next(), created_at: at(from), eta: ready === null ? null : { ready_at: at(ready) }, ...changes });
const round = (tasks, changes = {}) => roundOf(scene({ tasks: known(...tasks), ...changes }));

test("where nothing goes on there is no round", () => {
  assert.equal(round([over(-60, -30), open(-60, 30, { status: "canceled" })]), null);
});

test("a round began when, last, nothing of one's own went on", () => {
  const before = over(-900, -800);
  const chained = [over(-300, -200), over(-250, -100), over(-150, -20)];
  const told = round([before, ...chained, open(-50, 30), open(-50, 60)]);
  assert.deepEqual([told.done, told.total, told.last], [3, 5, at(60)]);
});

test("what failed counts as over, what was canceled, deleted or tried again does not count", () => {
  const failed = over(-90, -60, { status: "failed" });
  const gone = [over(-90, -50, { status: "canceled" }), over(-90, -50, { trashed_at: at(-40) })];
  assert.deepEqual([round([failed, ...gone, open(-90, 30)]).done, round([failed, open(-90, 30, { retry_of: failed.task_id })]).done], [1, 0]);
});

test("pictures on their way belong to it, but for those refused and those that are tasks already", () => {
  const drafts = new Map([draft({ key: "a" }), draft({ key: "b", state: "refused" }), draft({ key: "c" })].map((each) => [each.key, each]));
  assert.equal(round([open(-9, 30, { client_id: "c" })], { drafts }).total, 2);
});

test("of several that are being made, the first to be ready is told of", () => {
  const [late, soon] = [open(-9, 90, { status: "processing" }), open(-9, 20, { status: "processing" })];
  const waits = open(-9, 10);
  const told = round([waits, late, soon]);
  assert.deepEqual([told.now, told.first], [soon, soon]);
  assert.deepEqual([round([waits, open(-9, 5)]).now, round([open(-9, null), waits, open(-9, 30)]).first], [null, waits]);
});

test("where older ones are not known, how many there were is not said", () => {
  const tasks = [over(-90, -60), open(-90, 30)];
  const told = round(tasks, { next: "f".repeat(32) });
  assert.deepEqual([told.done, told.total], [null, null]);
  assert.equal(round([over(-900, -800), ...tasks], { next: "f".repeat(32) }).total, 2, "it began after one that is known");
});

test("when the last is ready nobody knows where one has no time", () => {
  assert.equal(round([open(-9, 30), open(-9, null)]).last, null);
});

test("a failed one that is tried again is not counted, also where the round was told before that", () => {
  const failed = over(-90, -60, { status: "failed" });
  const other = open(-90, 30);
  const tasks = known(failed, other);
  assert.equal(roundOf(scene({ tasks })).done, 1);
  const again = open(-50, 60, { retry_of: failed.task_id });
  assert.equal(roundOf(scene({ tasks: receive(tasks, { event: "task_status", data: again }) })).done, 0);
});
