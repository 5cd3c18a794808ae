import assert from "node:assert/strict";
import { test } from "node:test";
import { batchOf, cards, clearable, clientId, counts, filtered, lineage } from "../../../static/cards/cards.js";
import { at, draft, known, NOON, task } from "./example.js";

const id = (letter) => letter.repeat(32);
const drafts = (...list) => new Map(list.map((each) => [each.key, each]));

test("a picture has one card from its choosing to its task", () => {
  const key = clientId(NOON, 0, "abcd");
  const before = cards(new Map(), drafts(draft({ key })));
  const meanwhile = cards(known(task({ client_id: key })), drafts(draft({ key })));
  const after = cards(known(task({ client_id: key })));
  assert.deepEqual([before, meanwhile, after].map((list) => list.map((card) => card.key)), [[key], [key], [key]]);
});

test("what was chosen together is one batch", () => {
  assert.equal(batchOf(clientId(NOON, 0, "abcd")), batchOf(clientId(NOON, 12, "beef")));
  assert.notEqual(batchOf(clientId(NOON, 0, "abcd")), batchOf(clientId(NOON + 1, 0, "abcd")));
  assert.match(batchOf(clientId(NOON, 3, "abcd")), /^page-[0-9a-z]+$/);
});

test("the newest choosing comes first, and within it the order chosen", () => {
  const made = (batch, index) => task({ task_id: id(`${batch}${index}`.slice(0, 1)) + index, client_id: clientId(NOON + batch * 1000, index, "0") });
  const list = cards(known(made(1, 0), made(1, 1), made(2, 1), made(2, 0)));
  assert.deepEqual(list.map(({ task: each }) => each.client_id.slice(-4, -2)), ["-0", "-1", "-0", "-1"]);
  assert.ok(list[0].rank[0] > list[2].rank[0]);
});

test("a state that changes moves no card", () => {
  const pictures = ["a", "b", "c"].map((letter, n) => task({ task_id: id(letter), client_id: clientId(NOON, n, "0") }));
  const order = (list) => cards(known(...list)).map((card) => card.key);
  const [first, ...rest] = pictures;
  assert.deepEqual(order([...rest, { ...first, status: "succeeded", finished_at: at(40) }]), order(pictures));
});

test("pictures of other clients stand by their time", () => {
  const early = task({ task_id: id("a"), client_id: "robot 1", created_at: at(0) });
  const late = task({ task_id: id("b"), created_at: at(5) });
  assert.deepEqual(cards(known(early, late)).map(({ key }) => key), [id("b"), id("a")]);
});

test("an undone cancel keeps its card and its place", () => {
  const key = clientId(NOON, 0, "0");
  const canceled = task({ task_id: id("a"), client_id: key, status: "canceled" });
  const again = task({ task_id: id("b"), client_id: key, retry_of: id("a"), created_at: at(500) });
  const [card, ...others] = cards(known(canceled, again));
  assert.deepEqual([card.key, card.task, card.rank[0], others.length], [key, again, NOON, 0]);
});

test("a second video of a picture has a card of its own", () => {
  const first = task({ task_id: id("a"), status: "succeeded" });
  assert.equal(cards(known(first, task({ task_id: id("b"), retry_of: id("a") }))).length, 2);
});

test("what lies in the trash is shown there and nowhere else", () => {
  const trashed = (letter, status, seconds) => task({ task_id: id(letter), status, finished_at: at(1), trashed_at: at(seconds) });
  const list = cards(known(trashed("a", "succeeded", 10), trashed("b", "failed", 30), task({ task_id: id("c") })));
  assert.deepEqual(counts(list), { all: 1, line: 1, videos: 0, problems: 0, trash: 2 });
  assert.deepEqual(filtered(list, "trash").map(({ key }) => key), [id("b"), id("a")], "who came last comes first");
});

test("what is cleared is what the tab shows and has ended, no more and no less", () => {
  const tasks = ["queued", "processing", "succeeded", "failed", "canceled"].map((status, n) =>
    task({ task_id: id("abcde"[n]), status, finished_at: at(n) }));
  const trashed = task({ task_id: id("f"), status: "succeeded", finished_at: at(1), trashed_at: at(2) });
  const list = cards(known(...tasks, trashed), drafts(draft({ key: "refused", state: "refused" }), draft({ key: "sent" })));
  const cleared = (name) => clearable(list, name).map(({ task: each }) => each?.status ?? "refused").sort();
  assert.deepEqual(cleared("all"), ["canceled", "failed", "refused", "succeeded"]);
  assert.deepEqual(cleared("line"), []);
  assert.deepEqual(cleared("videos"), ["succeeded"]);
  assert.deepEqual(cleared("problems"), ["failed", "refused"]);
  assert.deepEqual(clearable(list, "trash").map(({ key }) => key), [id("f")]);
});

test("a card stands for what was tried before in vain, and not for a video", () => {
  const [video, failed, again] = [
    task({ task_id: id("a"), status: "succeeded" }),
    task({ task_id: id("b"), status: "failed", retry_of: id("a") }), task({ task_id: id("c"), retry_of: id("b") }),
  ];
  assert.deepEqual(lineage(again, known(video, failed, again)), [again, failed]);
});

test("each filter counts and shows its own", () => {
  const list = cards(
    known(task({ task_id: id("a") }), task({ task_id: id("b"), status: "succeeded", finished_at: at(1) }), task({ task_id: id("c"), status: "failed" })),
    drafts(draft({ state: "refused" })),
  );
  assert.deepEqual(counts(list), { all: 4, line: 1, videos: 1, problems: 2, trash: 0 });
  assert.equal(filtered(list, "problems").length, 2);
});

test("the gallery shows the newest video first", () => {
  const video = (letter, seconds) => task({ task_id: id(letter), status: "succeeded", finished_at: at(seconds) });
  const gallery = filtered(cards(known(video("a", 10), video("b", 30), video("c", 20))), "videos");
  assert.deepEqual(gallery.map(({ key }) => key), [id("b"), id("c"), id("a")]);
});

test("a picture whose video is made is no problem, though its upload was refused afterwards", () => {
  const key = clientId(NOON, 0, "abcd");
  const made = task({ task_id: id("a"), client_id: key, status: "succeeded", finished_at: at(40) });
  const list = cards(known(made), drafts(draft({ key, state: "refused" })));
  assert.deepEqual([clearable(list, "problems"), clearable(list, "videos").length], [[], 1]);
});

test("cards are the same whether they were mended or made anew", () => {
  const names = ["a", "b", "c", "d"].map(id);
  let tasks = known(...names.map((name, n) => task({ task_id: name, created_at: at(n), status: n === 3 ? "processing" : "failed" })));
  cards(tasks);
  const changes = [
    { task_id: names[3], progress: 40 }, { task_id: names[3], status: "succeeded" }, { task_id: names[1], trashed_at: at(50) },
    { task_id: id("e"), retry_of: names[0], created_at: at(60) }, { task_id: id("e"), status: "failed" }, { task_id: names[2], batch_id: "trip" },
  ];
  for (const change of changes) {
    tasks = new Map(tasks).set(change.task_id, { ...(tasks.get(change.task_id) ?? task()), ...change });
    const mended = cards(tasks);
    assert.deepEqual(mended, cards(new Map([...tasks])), JSON.stringify(change));
    cards(new Map()); // whatever was asked before
    assert.deepEqual(cards(tasks), mended);
  }
});
