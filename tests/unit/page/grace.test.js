import assert from "node:assert/strict";
import { test } from "node:test";
import { describe } from "../../../static/cards/phrases.js";
import { Clock } from "../../../static/connection/clock.js";
import { step } from "../../../static/state.js";
import { at, known, NOON, scene, task } from "./example.js";

const running = (changes) => task({ status: "processing", version: 3, progress: 40, started_at: at(-9), ...changes });
const steps = (state, ...happened) => happened.reduce((before, [event, data = {}]) => step(before, event, data, NOON), state);
const cancel = (one = running()) => ["cancel", { card: { task: one } }];

test("a cancel of what is being made is said at once, counted down, and can be kept from", () => {
  let now = NOON;
  const state = steps(scene({ tasks: known(running()), clock: new Clock(() => now) }), cancel());
  assert.deepEqual(state.news.map(({ kind }) => kind), ["grace"]);
  const told = () => describe({ task: running() }, state);
  const left = [0, 1, 900, 1100, 4999, 6000].map((ms) => [(now = NOON + ms), told().status][1]);
  assert.deepEqual(left, ["5", "5", "5", "4", "1", "1"].map((n) => `Canceled in\u00a0${n}\u00a0s`));
  assert.deepEqual([told().state, told().actions, told().percent], ["grace", ["keep"], 40]);
  const kept = describe({ task: running() }, steps(state, ["keep", { card: { task: running() } }]));
  assert.deepEqual([kept.state, kept.actions], ["processing", ["cancel"]]);
});

test("a second cancel of the same picture does not begin anew", () => {
  const once = steps(scene({ tasks: known(running()) }), cancel());
  assert.equal(step(once, ...cancel(), NOON + 3000).graces.get(running().task_id), once.graces.get(running().task_id));
});

test("a grace that was ended does not end the next one", () => {
  let now = NOON;
  const id = running().task_id;
  const first = steps(scene({ tasks: known(running()), clock: new Clock(() => now) }), cancel());
  const until = first.graces.get(id);
  now += 2000;
  const second = steps(first, ["keep", { card: { task: running() } }], cancel(), ["grace_over", { id, until }]);
  assert.ok(second.graces.has(id));
  assert.equal(steps(second, ["grace_over", { id, until: until + 2000 }]).graces.size, 0);
});

test("nothing else has a grace: what waits, what is canceled already, what has just finished", () => {
  const waiting = task({ queue: { position: 1, size: 1 } });
  for (const one of [waiting, running({ cancel_requested: true })]) {
    assert.equal(steps(scene({ tasks: known(one) }), cancel(one)).graces.size, 0);
  }
  const state = steps(scene({ tasks: known(running()) }), cancel());
  const done = { ...running(), status: "succeeded", version: 9, finished_at: at(5) };
  assert.equal(steps(state, ["task_status", done]).graces.size, 0);
  assert.equal(steps(state, ["task_gone", { task_id: running().task_id }]).graces.size, 0);
  const back = { ...running(), status: "queued", version: 9 };
  assert.equal(steps(state, ["task_status", back]).graces.size, 1, "put back, it is to be canceled all the same");
});

test("a page that is not seen has no graces", () => {
  const state = steps(scene({ tasks: known(running()) }), cancel());
  for (const end of [["looked", { hidden: true }], ["leave"]]) assert.equal(steps(state, end).graces.size, 0);
  assert.equal(steps(state, ["looked", { hidden: false }]).graces.size, 1);
});
