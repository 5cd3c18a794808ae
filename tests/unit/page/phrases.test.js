import assert from "node:assert/strict";
import { test } from "node:test";
import { describe } from "../../../static/cards/phrases.js";
import { wordsFor } from "../../../static/words/words.js";
import { at, draft, NOON, scene, task } from "./example.js";

const tell = (changes, where = {}) => describe({ key: "k", task: task(changes), draft: null }, scene(where));
const tellDraft = (changes, where = {}) => describe({ key: "k", task: null, draft: draft(changes) }, scene(where));
const soon = (seconds, basis = "prior") => ({ ready_at: at(seconds), basis });

test("a waiting picture says its place and when it will be ready", () => {
  const told = tell({ queue: { position: 3, size: 50 }, eta: soon(180) });
  assert.equal(told.status, "3 of 50 in line");
  assert.match(told.when, /^Ready at about \d\d:\d\d, in\u00a03\u00a0min$/);
});

test("the next one in line is told so", () => {
  assert.equal(tell({ queue: { position: 1, size: 4 } }).status, "Next in line");
});

test("the last minute is counted in seconds, by the server's clock", () => {
  assert.match(tell({ queue: { position: 1, size: 1 }, eta: soon(41.2) }).when, /in\u00a042\u00a0s$/);
  assert.match(tell({ queue: { position: 1, size: 1 }, eta: soon(-1) }).when, /any moment/);
});

test("a running picture says stage and percentage, and an estimate from its own progress without about", () => {
  const told = tell({ status: "processing", stage: "generating", progress: 42.7, eta: soon(10, "progress") });
  assert.deepEqual([told.status, told.percent], ["Making frames", 42]);
  assert.match(told.when, /^Ready at \d\d:\d\d, in\u00a010\u00a0s$/);
});

test("a model's own word for its stage is shown as it is", () => {
  assert.equal(tell({ status: "processing", stage: "dreaming", progress: 1 }).status, "dreaming");
});

test("without a connection nothing counts down and progress is marked as remembered", () => {
  const told = tell({ status: "processing", progress: 42, eta: soon(10), started_at: at(-5) }, { live: false });
  assert.deepEqual([told.when, told.stale], ["As last seen", true]);
  assert.ok(!told.timeline.some(({ text }) => text.includes("running")));
  assert.equal(tell({ status: "succeeded", video_url: "/v" }, { live: false }).stale, false);
});

test("where nobody knows a time a card says what it waits for", () => {
  const waits = (status, reason) => tell({ status, queue: { position: 2, size: 2 }, eta: null, eta_reason: reason }).when;
  assert.equal(waits("queued", "paused"), "Waits until the line goes on");
  assert.equal(waits("queued", "model_loading"), "Waits until the model has started");
  assert.equal(waits("queued", "model_failed"), "Waits until the model has started");
  assert.equal(waits("processing", "model_loading"), "Waits until the model has started");
  assert.equal(waits("queued", "a reason of a later release"), "");
});

test("a picture put back after a crash says which attempt comes", () => {
  const told = tell({ queue: { position: 1, size: 9 }, attempt: 2 });
  assert.equal(told.status, "Next in line again");
  assert.equal(told.when, "attempt 2 of 3: the model stopped before");
});

test("a picture put back is not told to run", () => {
  const { timeline } = tell({ queue: { position: 1, size: 9 }, started_at: at(-5) });
  assert.deepEqual(timeline.map(({ kind }) => kind), ["sent", "waited"]);
});

test("a picture whose cancel was asked is not offered another", () => {
  const told = tell({ status: "processing", cancel_requested: true, progress: 3 });
  assert.deepEqual([told.status, told.actions], ["Canceling…", []]);
});

test("a video can be played while it is made, from its first second on, and not once its cancel was asked", () => {
  const making = { status: "processing", progress: 30, watchable: { segments: 2, seconds: 2 } };
  const told = (changes) => tell({ ...making, ...changes });
  assert.deepEqual([told({}).playable, told({}).segments], [true, 2]);
  assert.deepEqual([told({ watchable: null }).playable, told({ watchable: null }).segments], [false, 0]);
  assert.equal(told({ cancel_requested: true }).playable, false);
  assert.equal(told({ status: "queued", watchable: null }).playable, false);
  assert.equal(told({ status: "succeeded", video_url: "/v", watchable: null }).segments, Infinity);
});

test("a finished video can be played, says how long it is kept and how often it was watched", () => {
  const told = tell({ status: "succeeded", video_url: "/v", expires_at: at(86400 * 7), views: 3, finished_at: at(90) });
  assert.equal(told.playable, true);
  assert.equal(told.when, "Kept until 8 June, watched 3 times");
});

test("a video that is no longer kept cannot be played and says so", () => {
  const told = tell({ status: "succeeded", video_url: null });
  assert.deepEqual([told.playable, told.status, told.actions], [false, "No longer kept", ["again", "delete"]]);
});

test("what is in the trash says until when, and can be taken back or deleted for good", () => {
  const told = tell({ status: "succeeded", video_url: "/v", trashed_at: at(0), expires_at: at(3600) });
  assert.deepEqual([told.state, told.status, told.playable], ["trashed", "In the trash", false]);
  assert.match(told.when, /^Deleted for good at \d\d:\d\d$/);
  assert.deepEqual(told.actions, ["restore", "purge"]);
});

test("a failure says why and can be tried again", () => {
  const told = tell({ status: "failed", error: { code: "model_error", title: "…", detail: "It saw nothing in it." } });
  assert.deepEqual([told.message, told.actions], ["It saw nothing in it.", ["retry", "delete"]]);
});

test("a time of day in a timeline is one word, which no line breaks", async () => {
  const { timeline } = tell({}, { words: await wordsFor(["en-US"]) });
  assert.match(timeline[0].text, /^sent \d+:\d\d\u00a0[AP]M$/);
});

test("a timeline says when it was sent, how long it waited and how long it ran", () => {
  const { timeline } = tell({ status: "succeeded", started_at: at(62), finished_at: at(92), video_url: "/v" });
  assert.deepEqual(timeline.map(({ kind }) => kind), ["sent", "waited", "ran"]);
  assert.deepEqual(timeline.slice(1).map(({ text }) => text), ["waited 1:02", "ran 0:30"]);
});

test("while it runs the preview is what is seen, then again what the model saw", () => {
  const preview = { url: "/preview?revision=2", revision: 2 };
  assert.equal(tell({ status: "processing", preview }).still, "/preview?revision=2");
  assert.equal(tell({ status: "succeeded", preview, video_url: "/v" }).still, "/thumbnail");
});

test("an upload says how far it is, and can be canceled until it is accepted", () => {
  const told = tellDraft({ state: "sending", sent: 0.427 });
  assert.deepEqual([told.status, told.percent, told.actions], ["Being sent", 42, ["cancel"]]);
  assert.equal(tellDraft({ state: "checking", sent: 1 }).status, "Being checked");
});

test("an upload that is tried again says why and when", () => {
  const told = tellDraft({ state: "retrying", problem: { code: "line_full", detail: "x" }, retryAt: NOON + 8000 });
  assert.equal(told.when, "The line is full. Trying again in\u00a08\u00a0s.");
});

test("a refusal says what to do and lets the picture be replaced", () => {
  const told = tellDraft({ state: "refused", problem: { code: "too_large", detail: "It has 31 MB; at most 20 MB are accepted." } });
  assert.equal(told.message, "It has 31 MB; at most 20 MB are accepted.");
  assert.ok(told.actions.includes("replace"));
});

test("in German the page's own sentences are used, not the server's English ones", async () => {
  const words = await wordsFor(["de-DE", "en"]);
  const problem = { code: "too_large", detail: "It has 31 MB." };
  assert.equal(tellDraft({ state: "refused", problem }, { words }).message, words.problems.too_large);
});

test("where nobody knows how far it is there is no percentage, though it goes on", () => {
  const told = tell({ status: "processing", progress: null, stage: "decoding" });
  assert.deepEqual([told.percent, told.busy, told.status], [null, true, "decoding"]);
  assert.deepEqual([tell({ status: "processing", progress: 0 }).percent, tell({ status: "processing", progress: 0 }).busy], [0, false]);
  assert.equal(tell({ status: "processing", progress: null, cancel_requested: true }).busy, true);
  assert.equal(tell({ status: "succeeded", video_url: "/v", progress: null }).busy, false);
});

test("why a model does not suit a picture is said as the model's own word, and is not tried again", async () => {
  const error = { code: "unsuitable", title: "Unsuitable", detail: "No face was found." };
  const told = tell({ status: "failed", error });
  assert.deepEqual([told.message, told.actions], ["The model says: “No face was found.”", ["delete"]]);
  const words = await wordsFor(["de"]);
  assert.equal(describe({ key: "k", task: task({ status: "failed", error }) }, scene({ words })).message, "Das Modell sagt: „No face was found.“");
});

test("what no longer fits a changed model can be sent again, and with changes where there is something to choose", () => {
  const failed = { status: "failed", error: { code: "parameters_changed" }, parameters: { seconds: 3 } };
  assert.deepEqual(tell(failed).actions, ["again", "delete"]);
  assert.deepEqual(tell(failed, { parameters: { fields: [] } }).actions, ["again", "changes", "delete"]);
});

test("a picture that was refused for its settings keeps its still, and offers to change them", () => {
  const told = tellDraft({ state: "refused", problem: { code: "bad_parameters", detail: "" } });
  assert.deepEqual([told.actions, told.still], [["changes", "delete"], "blob:1"]);
});
