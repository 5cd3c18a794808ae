import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../../../static/connection/api.js";
import { changed, fieldsOf, fitting, largest, lengthOf, nearest, told, valueOf } from "../../../static/parameters/schema.js";
import { step } from "../../../static/state.js";
import deParameters from "../../../static/words/de/parameters.js";
import enParameters from "../../../static/words/en/parameters.js";
import { draft, NOON, scene, task } from "./example.js";

const SCHEMA = {
  type: "object", additionalProperties: false, properties: {
    prompt: { type: "string", title: "Prompt", description: "What happens.", default: "", maxLength: 20, "x-lines": 4 },
    direction: { type: "string", enum: ["in", "out"], "x-labels": { out: "Out of it" }, title: "Move", description: "", default: "in" },
    seconds: { type: "number", title: "Length", description: "", default: 6, minimum: 1, maximum: 12, "x-step": 0.5, "x-unit": "s" },
    steps: { type: "integer", title: "Steps", description: "", default: 20, minimum: 5, maximum: 50 },
    strength: { type: "number", title: "Strength", description: "", default: 0.5, minimum: 0, maximum: 1 },
    loop: { type: "boolean", title: "Loop", description: "", default: true },
    seed: { type: ["integer", "null"], title: "Seed", description: "", default: null, minimum: 0, maximum: 4294967295, "x-seed": true },
  },
};
const FIELDS = fieldsOf(SCHEMA);
const SUGGESTED = { prompt: "", direction: "in", seconds: 6, steps: 20, strength: 0.5, loop: true, seed: null };
const field = (name) => FIELDS.find((each) => each.name === name);
const words = { ...enParameters, locale: "en" };
const parameters = (changes = {}) => ({ fields: FIELDS, values: SUGGESTED, errors: {}, ...changes });

test("a schema becomes fields, in the order in which the model declares them, each of its kind", () => {
  assert.deepEqual(FIELDS.map(({ name, kind }) => [name, kind]), [["prompt", "text"], ["direction", "choice"],
    ["seconds", "number"], ["steps", "number"], ["strength", "number"], ["loop", "switch"], ["seed", "seed"]]);
  assert.deepEqual(field("direction").choices, [{ value: "in", label: "in" }, { value: "out", label: "Out of it" }]);
  assert.deepEqual([field("seconds").step, field("steps").step, field("strength").step, field("seconds").unit], [0.5, 1, null, "s"]);
});

test("where there is nothing to choose, or nobody knows yet, there are no fields", () => {
  for (const schema of [null, undefined, {}, { properties: {} }]) assert.deepEqual(fieldsOf(schema), []);
});

test("the field always in view is the one called prompt, else the first of many lines", () => {
  assert.equal(largest(FIELDS).name, "prompt");
  const story = { name: "story", kind: "text", lines: 3 };
  assert.equal(largest([...FIELDS.slice(1), story]).name, "story");
  assert.equal(largest([{ name: "prompt", kind: "choice", choices: [] }]), undefined);
  assert.equal(largest(FIELDS.slice(1)), undefined);
});

test("what was remembered is taken as far as it still fits", () => {
  assert.deepEqual(fitting(FIELDS, undefined), SUGGESTED);
  assert.deepEqual(fitting(FIELDS, { prompt: "x".repeat(21), direction: "up", seconds: 13, steps: 7.5, strength: "1", loop: "no", seed: -1, gone: 1 }), SUGGESTED);
  const good = { prompt: "a boat", direction: "out", seconds: 6.5, steps: 5, strength: 0.123, loop: false, seed: 7 };
  assert.deepEqual(fitting(FIELDS, { ...good, gone: 1 }), good);
  assert.equal(fitting(FIELDS, { seconds: 6.25 }).seconds, 6, "not a whole step from the minimum");
});

test("an emoji is one character, as the server counts", () => {
  assert.equal(lengthOf("👍👍"), 2);
  assert.equal(fitting(FIELDS, { prompt: "👍".repeat(20) }).prompt.length, 40);
});

test("a number becomes the nearest that the field takes", () => {
  assert.deepEqual([0, 99, 6.3, 6.2].map((number) => nearest(field("seconds"), number)), [1, 12, 6.5, 6]);
  assert.equal(nearest({ minimum: 0, maximum: 1, step: 0.1 }, 0.30001), 0.3, "and not 0.30000000000000004");
  assert.equal(nearest({ minimum: 1, maximum: 10, step: 4 }, 10), 9, "the last whole step");
  assert.equal(nearest(field("strength"), 0.12345), 0.12345);
});

test("what differs from the model's suggestion is said in words", () => {
  const values = { ...SUGGESTED, direction: "out", seconds: 8, strength: 0.75, loop: false, seed: 7 };
  assert.deepEqual(changed(FIELDS, SUGGESTED), []);
  const said = changed(FIELDS, values).map((each) => told(each, values[each.name], words)).join(", ");
  assert.equal(said, "Out of it, 8\u00a0s, Strength\u00a00.75, Loop: off, Seed\u00a07");
  assert.equal(told(field("strength"), 0.75, { ...deParameters, locale: "de" }), "Strength\u00a00,75");
  assert.equal(told(field("seed"), 4294967295, words), "Seed\u00a04294967295", "digits as they can be typed again");
  assert.deepEqual([valueOf(field("loop"), true, words), valueOf(field("seed"), null, words), valueOf(field("seconds"), 8, words)], ["on", "–", "8\u00a0s"]);
});

test("a problem tells which fields it is about, by name", () => {
  const problem = new Problem({ code: "bad_parameters", errors: [{ pointer: "/seconds", detail: "Too long." }, { pointer: "/a~1b~0c", detail: "No." }, { pointer: "", detail: "Too much." }] });
  assert.deepEqual(problem.fields, { seconds: "Too long.", "a/b~c": "No.", "": "Too much." });
});

test("a picture whose values are refused is kept, and the errors stand where the same values are", () => {
  const sent = { ...SUGGESTED, seconds: 8, steps: 9 };
  const before = scene({ parameters: parameters({ values: { ...SUGGESTED, seconds: 8 } }), drafts: new Map([["k", draft({ key: "k", parameters: sent })]]) });
  const problem = new Problem({ code: "bad_parameters", errors: [{ pointer: "/seconds", detail: "Too long." }, { pointer: "/steps", detail: "Too few." }] });
  const after = step(before, "not_sent", { key: "k", problem, retryAt: 0 }, NOON);
  assert.equal(after.drafts.get("k").state, "refused");
  assert.deepEqual(after.parameters.errors, { seconds: "Too long." }, "steps has another value by now");
  const mended = step(after, "values", { values: { seconds: 7 } }, NOON);
  assert.deepEqual([mended.parameters.errors, mended.parameters.values.seconds], [{}, 7]);
  assert.deepEqual(step(after, "values", { values: { loop: false } }, NOON).parameters.errors, { seconds: "Too long." });
  assert.deepEqual(step(after, "accepted", { key: "k", task: task() }, NOON).parameters.errors, {}, "it has been taken all the same");
  const other = { ...after, drafts: after.drafts.set("old", draft({ key: "old", parameters: { ...SUGGESTED, seconds: 2 } })) };
  assert.deepEqual(step(other, "accepted", { key: "old", task: task() }, NOON).parameters.errors, { seconds: "Too long." }, "with another length");
});

test("what was copied from a card can be taken back", () => {
  const notice = { kind: "said", text: "", undo: true, values: { ...SUGGESTED, prompt: "mine" } };
  const before = scene({ parameters: parameters(), notices: [notice] });
  const after = step(before, "undo", { notice }, NOON);
  assert.deepEqual([after.parameters.values.prompt, after.notices], ["mine", []]);
});

test("a picture that waits for a model that loads is tried at once when it is known what it takes", () => {
  const waits = draft({ key: "k", state: "retrying", retryAt: NOON + 9000, problem: { code: "model_loading", retryable: true } });
  const before = scene({ drafts: new Map([["k", waits]]) });
  assert.equal(step(before, "model", { state: "loading", schema: null }, NOON).drafts.get("k").retryAt, NOON + 9000);
  assert.equal(step(before, "model", { state: "ready", schema: "abc" }, NOON).drafts.get("k").retryAt, 0);
});
