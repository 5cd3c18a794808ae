import assert from "node:assert/strict";
import { test } from "node:test";
import { milestones } from "../../../static/tasks/milestones.js";
import { known, task } from "./example.js";

const kinds = (before, after) => milestones(before ? known(task(before)) : new Map(), known(task(after))).map(({ kind }) => kind);
const running = (progress) => ({ status: "processing", progress });

test("queued, started, done, failed and canceled are milestones", () => {
  assert.deepEqual(kinds(null, {}), ["queued"]);
  assert.deepEqual(kinds({}, running(0)), ["started"]);
  for (const status of ["succeeded", "failed", "canceled"]) assert.deepEqual(kinds(running(99), { status }), [status]);
});

test("of the progress only its quarters are news", () => {
  const heard = [];
  for (let percent = 1; percent <= 100; percent += 1) heard.push(...kinds(running(percent - 1), running(percent)).map(() => percent));
  assert.deepEqual(heard, [25, 50, 75]);
});

test("a picture put back in line is told", () => {
  assert.deepEqual(kinds(running(40), {}), ["putback"]);
});

test("what arrives finished is not news, nor is an undone cancel", () => {
  assert.deepEqual(kinds(null, { status: "succeeded" }), []);
  assert.deepEqual(kinds(null, { retry_of: "b".repeat(32) }), []);
});

test("of a progress that nobody knows nothing is said, and no quarter twice", () => {
  assert.deepEqual(kinds(running(60), running(null)), []);
  assert.deepEqual(kinds(running(null), running(62)), []);
  assert.deepEqual(kinds(running(62), running(75)), ["quarter"]);
});
