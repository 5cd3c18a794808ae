import assert from "node:assert/strict";
import { test } from "node:test";
import { ahead, announcement, iconPercent, lineSays, nowSays, title } from "../../../static/line/headlines.js";
import { roundOf } from "../../../static/line/round.js";
import { wordsFor } from "../../../static/words/words.js";
import { at, draft, known, scene, task } from "./example.js";

const id = (letter) => letter.repeat(32);
const busy = { queue: { waiting: 2, running: 1, paused: false, ready_at: at(90) }, model: { state: "busy" } };

test("before anything is dropped the page says how many are ahead and when a picture would be ready", () => {
  const says = lineSays(scene(busy));
  assert.equal(says.headline, "3 ahead");
  assert.match(says.detail, /^A picture sent now would be ready at about \d\d:\d\d\.$/);
});

test("an empty line is said to be empty", () => {
  assert.equal(lineSays(scene()).headline, "Nobody ahead");
});

test("the running picture counts as ahead even when only the model's state tells of it", () => {
  assert.equal(ahead(scene({ queue: { waiting: 2 }, model: { state: "busy" } })), 3);
});

test("one's own pictures count at once, before the line's numbers have come", () => {
  assert.equal(ahead(scene({ tasks: known(task()) })), 1);
});

test("the model's state is always said in words", () => {
  const said = (state, queue = scene().queue) => lineSays(scene({ model: { state }, queue })).model.text;
  assert.deepEqual(["loading", "ready", "busy", "restarting", "failed", "stopped"].map((state) => said(state)),
    ["loading", "ready", "at work", "restarting", "does not start", "stopped"]);
  assert.equal(said("ready", { waiting: 0, paused: true }), "paused");
  assert.equal(said("busy", { waiting: 0, paused: true }), "at work", "what it works on is finished");
});

test("a model that is not at work says what that means for pictures sent now", () => {
  assert.match(lineSays(scene({ model: { state: "failed" } })).detail, /kept and wait/);
});

test("no time is said for a picture sent now that nobody knows", () => {
  const unknown = { waiting: 1, running: 0, paused: false, ready_at: null, eta_reason: "model_failed" };
  assert.match(lineSays(scene({ queue: unknown, model: { state: "failed" } })).detail, /^The model does not start\./);
  assert.equal(lineSays(scene({ queue: unknown })).detail, "A picture sent now joins the end of the line.");
  const paused = { ...unknown, paused: true, eta_reason: "paused" };
  assert.equal(lineSays(scene({ queue: paused })).detail, "Pictures sent now are kept until the line moves on.");
});

test("a lost connection is said, and no number is shown as true", () => {
  const says = lineSays(scene({ ...busy, live: false, connection: "reconnecting", tasks: known(task()) }));
  assert.deepEqual([says.headline, says.yours], ["Reconnecting…", ""]);
});

const spaced = (text) => text.replaceAll("\u00a0", " ");
const saysOf = (...tasks) => {
  const state = scene({ ...busy, tasks: known(...tasks) });
  return lineSays(state, roundOf(state));
};
const made = task({ task_id: id("a"), status: "processing", progress: 39.6, eta: { ready_at: at(25), basis: "progress" } });
const waits = (letter, seconds) => task({ task_id: id(letter), eta: seconds && { ready_at: at(seconds), basis: "prior" } });

test("the headline is about one's own pictures while some go on: when the last is ready", () => {
  assert.match(spaced(saysOf(made, waits("b", 90), waits("c", 60)).headline), /^3 of yours: the last at \d\d:01$/);
  assert.equal(spaced(saysOf(made, waits("b", null)).headline), "2 of yours in line", "nobody knows when the last will be ready");
});

test("of a single picture of one's own the headline says how long it takes yet", () => {
  assert.equal(spaced(saysOf(made).headline), "Your video: 25 s");
  assert.equal(spaced(saysOf(waits("b", 170)).headline), "Your video: about 3 min");
  assert.equal(saysOf({ ...made, eta: { ready_at: at(-1), basis: "progress" } }).headline, "Your video: any moment");
  assert.equal(saysOf({ ...made, eta: null }).headline, "Your video is being made");
  assert.equal(saysOf(waits("b", null)).headline, "Your video is in line");
});

test("the headline is about the line again when nothing of one's own goes on, and where it is paused", () => {
  assert.equal(saysOf(task({ status: "succeeded", finished_at: at(-1) })).headline, "3 ahead");
  const state = scene({ tasks: known(waits("b", 60)), queue: { waiting: 1, paused: true } });
  assert.equal(lineSays(state, roundOf(state)).headline, "The line is paused");
});

test("one's own pictures are counted, with those of others", () => {
  assert.equal(saysOf(made, waits("b", 40)).yours, "Yours: 1 being made, 1 waiting, 1 other in line");
  assert.equal(saysOf(made, waits("b", 40), waits("c", 60)).yours, "Yours: 1 being made, 2 waiting");
});

test("the head says how far all of one's own are, and the one that is being made", () => {
  const done = [1, 2].map((n) => task({ task_id: id(`${n}`), status: "succeeded", created_at: at(-90), finished_at: at(-60 + n) }));
  const head = (changes) => {
    const state = scene({ ...busy, tasks: known(...done, { ...made, created_at: at(-80) }, { ...waits("b", 90), created_at: at(-80) }), ...changes });
    return nowSays(state, roundOf(state));
  };
  const [of, percent, ready] = head();
  assert.deepEqual([of, percent], ["3 of 4", "39 %"]);
  assert.match(ready, /^ready \d\d:00$/);
  assert.deepEqual(head({ live: false }), [], "nothing that may not be true any more");
  assert.equal(head({ drafts: new Map([["k", draft()], ["l", draft({ key: "l", state: "refused" })]]) })[0], "3 of 5", "with those on their way");
  assert.deepEqual(head({ tasks: known({ ...made, progress: null, eta: null }) }), ["being made"]);
  assert.match(head({ tasks: known(waits("b", 90)) }).join(" · "), /^1 waiting · ready \d\d:01$/);
});

test("the tab tells percentage and waiting", () => {
  const tasks = known(task({ task_id: id("a"), status: "processing", progress: 42.9 }), task({ task_id: id("b") }), task({ task_id: id("c") }));
  assert.equal(title(scene({ tasks })), "42 % · 2 waiting · Leyline");
  assert.equal(iconPercent(scene({ tasks })), 42);
});

test("the tab tells what is done while nobody looks, what is being sent, and a lost connection", () => {
  assert.equal(title(scene({ unseen: 3 })), "3 done · Leyline");
  assert.equal(title(scene({ drafts: new Map([["k", draft()]]) })), "sending 1 · Leyline");
  assert.equal(title(scene({ tasks: known(task({ status: "processing" })), live: false })), "reconnecting… · Leyline");
  assert.equal(iconPercent(scene({ tasks: known(task({ status: "processing", progress: 9 })), live: false })), null);
});

test("one milestone is told with its name, several of a kind in one sentence", async () => {
  const words = await wordsFor(["en"]);
  const one = { kind: "queued", task: task({ queue: { position: 4, size: 4 } }) };
  assert.equal(announcement([one], words), "photo.jpg is in line, place 4.");
  assert.equal(announcement([one, one, { kind: "succeeded", task: task() }], words), "2 pictures are in line. The video of photo.jpg is ready.");
});

test("a failure is told with its reason", async () => {
  const failed = task({ status: "failed", error: { code: "model_error", detail: "It is too dark." } });
  assert.equal(announcement([{ kind: "failed", task: failed }], await wordsFor(["en"])), "No video of photo.jpg. It is too dark.");
});

test("a proxy that answers in the server's place is named while there is no connection", () => {
  const onTheWay = { code: "on_the_way", status: 403 };
  const says = (connection) => lineSays(scene({ live: false, connection, onTheWay })).detail;
  for (const connection of ["connecting", "reconnecting"]) assert.equal(says(connection), "A server on the way does not let this through (403).");
});

test("the tab claims no percentage where nobody knows how far it is", () => {
  const state = scene({ tasks: known(task({ status: "processing", progress: null })) });
  assert.equal(title(state), "being made · Leyline");
  assert.equal(iconPercent(state), null);
});

const several = (processes, state = "busy") => ({ model: { state, processes } });

test("of several models it is said how many do what, in two parts at most", () => {
  const said = (processes, state) => lineSays(scene(several(processes, state))).model;
  assert.deepEqual(said({ busy: 3, loading: 1 }), { state: "busy", several: true, text: "3 models at work, 1 loading" });
  assert.equal(said({ busy: 1, loading: 1, restarting: 1, ready: 5 }).text, "1 model at work, 2 loading");
  assert.equal(said({ busy: 2, failed: 1, loading: 1 }).text, "2 models at work, 1 not starting");
  assert.equal(said({ ready: 3 }, "ready").text, "3 models ready");
  assert.deepEqual(said({ busy: 1, loading: 0 }), { state: "busy", text: "at work" });
});

test("of several models it is said in German too", async () => {
  const words = await wordsFor(["de"]);
  const said = (processes) => lineSays(scene({ ...several(processes), words })).model.text;
  assert.equal(said({ busy: 3, loading: 1 }), "3 Modelle aktiv, 1 lädt");
  assert.equal(said({ busy: 1, failed: 2 }), "1 Modell aktiv, 2 starten nicht");
});

test("where no model has joined yet that is said, and that pictures wait for one", () => {
  const says = lineSays(scene(several({ ready: 0, busy: 0 }, "loading")));
  assert.equal(says.model.text, "none yet");
  assert.match(says.detail, /^No model has joined yet/);
  assert.match(lineSays(scene(several({ loading: 1 }, "loading"))).detail, /^The model is loading/);
});

test("who is made counts as ahead only while no other model is idle", () => {
  const queue = { waiting: 0, running: 2, paused: false, ready_at: at(30) };
  assert.equal(ahead(scene({ queue, ...several({ busy: 2, ready: 1 }) })), 0);
  assert.equal(ahead(scene({ queue, ...several({ busy: 2, loading: 1 }) })), 2);
});

test("the tab tells of the one that will be ready first of several that are being made", () => {
  const made = (letter, progress) => task({ task_id: id(letter), status: "processing", progress });
  const tasks = known(made("a", 10), made("b", 60), made("c", null));
  assert.equal(title(scene({ tasks })), "60 % · Leyline");
  assert.equal(iconPercent(scene({ tasks })), 60);
});
