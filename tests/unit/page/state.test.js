import assert from "node:assert/strict";
import { test } from "node:test";
import { beginning, step, toClear } from "../../../static/state.js";
import { at, draft, known, NOON, scene, task } from "./example.js";

const id = (letter) => letter.repeat(32);
const steps = (state, ...happened) => happened.reduce((before, [event, data = {}]) => step(before, event, data, NOON), state);
const snapshot = (tasks = [], next = null) => ["snapshot", { tasks, next }];
const chosen = (...drafts) => ["drafted", { drafts }];
const file = { size: 1000, name: "photo.jpg" };

test("what nobody knows changes nothing, be it called as anything is", () => {
  const state = scene();
  for (const event of ["constructor", "__proto__", "toString", "unheard_of"]) assert.equal(step(state, event, {}, NOON), state);
});

test("a state is never changed, only followed by another", () => {
  const before = steps(scene(), snapshot([task()]));
  const kept = JSON.stringify([...before.tasks]);
  steps(before, ["task_status", { ...task(), status: "succeeded", version: 5 }], ["filter", { name: "videos" }]);
  assert.equal(JSON.stringify([...before.tasks]), kept);
  assert.equal(before.filter, "all");
});

test("a first snapshot is how things are, and a later change is news", () => {
  const first = steps(scene(), snapshot([task()]));
  assert.deepEqual(first.news, []);
  const done = steps(first, ["task_status", { ...task(), status: "succeeded", version: 9, finished_at: at(5) }]);
  assert.deepEqual(done.news.map(({ kind }) => kind), ["succeeded"]);
});

test("a visit tells how many videos were finished since the last one, and only those", () => {
  const finished = (letter, seconds) => task({ task_id: id(letter), status: "succeeded", finished_at: at(seconds) });
  const back = steps(scene({ heard: at(100) }), snapshot([finished("a", 50), finished("b", 150), finished("c", 151)]));
  assert.deepEqual(back.notices, [{ kind: "away", count: 2, id: id("c"), show: true }]);
  const [notice] = back.notices;
  const shown = steps(back, ["show_videos", { notice }]);
  assert.deepEqual([shown.notices, shown.filter, shown.broughtUp], [[], "videos", { id: id("c"), folded: true }], "which it can show, the newest first");
  assert.deepEqual(steps(scene(), snapshot([finished("a", 50)])).notices, [], "and a first visit has missed nothing");
});

test("what has finished while nobody looks is counted until somebody does", () => {
  const hidden = steps(scene({ hidden: true }), snapshot([task()]), ["task_status", { ...task(), status: "failed", version: 9 }]);
  assert.equal(hidden.unseen, 1);
  assert.equal(steps(hidden, ["looked", { hidden: false }]).unseen, 0);
});

test("where it is asked instead of told, a later answer is news and no absence", () => {
  const first = steps(scene(), ["asks", { asks: true }], snapshot([task()], id("f")));
  assert.deepEqual([first.asks, first.notices], [true, [{ kind: "asks" }]]);
  const done = task({ status: "succeeded", version: 9, finished_at: at(5) });
  const later = step(first, "followed", { tasks: [done], next: null }, NOON + 9000);
  assert.deepEqual(later.news.map(({ kind }) => kind), ["succeeded"]);
  assert.deepEqual([later.heard, later.next], [at(9), id("f")], "and the list goes on where it was");
  const back = step(later, "snapshot", { tasks: [done], next: null }, NOON + 9000);
  assert.deepEqual(back.notices, [{ kind: "asks" }]);
  assert.deepEqual(step(back, "asks", { asks: false }, NOON).notices, []);
});

test("what a proxy says in the server's place is kept until there is a connection, or another reason", () => {
  const told = steps(scene({ live: false }), ["unanswered", { problem: { code: "on_the_way", status: 403 } }]);
  assert.equal(told.onTheWay.status, 403);
  assert.equal(steps(told, ["connection", "live"]).onTheWay, null);
  assert.equal(steps(told, snapshot(), ["unanswered", { problem: { code: "offline" } }]).onTheWay, null);
});

test("the list goes on where the snapshot says, and while it is asked for it is not asked for again", () => {
  const more = steps(scene(), snapshot([task()], id("a")));
  assert.deepEqual([more.next, more.listing], [id("a"), false]);
  assert.equal(steps(more, ["near_end"]).listing, true);
  const listed = steps(more, ["near_end"], ["listed", { tasks: [task({ task_id: id("b"), status: "failed" })], next: null }]);
  assert.deepEqual([listed.tasks.size, listed.next, listed.listing], [2, null, false]);
  assert.equal(steps(listed, ["near_end"]).listing, false, "there is no more");
});

test("a picture is refused before it is sent where the browser keeps no cookies", () => {
  const alone = steps(scene(), ["hello", { session: false, limits: {} }], chosen(draft({ file })));
  const [refused] = alone.drafts.values();
  assert.deepEqual([refused.state, refused.problem.code], ["refused", "no_cookies"]);
  assert.deepEqual(alone.news.map(({ kind }) => kind), ["refused"]);
});

test("a picture waits until it is known whether the server knows who this is", () => {
  const [waiting] = steps(beginning(scene()), chosen(draft({ file }))).drafts.values();
  assert.equal(waiting.state, "waiting");
});

test("what is too large or empty is refused at once, and told", () => {
  const limited = steps(scene(), ["hello", { session: true, limits: { max_upload_bytes: 500 } }]);
  const both = steps(limited, chosen(draft({ key: "a", file }), draft({ key: "b", file: { size: 0 } })));
  assert.deepEqual([...both.drafts.values()].map(({ problem }) => problem.code), ["too_large", "empty_file"]);
});

test("an accepted picture is a task and no draft any more", () => {
  const sent = steps(scene(), snapshot(), chosen(draft({ file })), ["accepted", { key: draft().key, task: task({ client_id: draft().key }) }]);
  assert.deepEqual([sent.drafts.size, sent.tasks.size], [0, 1]);
});

test("an upload that was canceled too late is known by its task as soon as that comes", () => {
  const { key } = draft();
  const late = steps(scene(), snapshot(), chosen(draft({ file })), ["cancel", { card: { key, draft: draft() } }]);
  assert.equal(late.aborted.get(key), null);
  const caught = steps(late, ["task_status", task({ client_id: key, version: 1 })]);
  assert.equal(caught.aborted.get(key).client_id, key);
});

test("a refused picture that is deleted goes at once, and comes back when it is undone", () => {
  const refused = draft({ state: "refused" });
  const shown = scene({ drafts: new Map([[refused.key, refused]]) });
  const gone = steps(shown, ["delete", { card: { draft: refused } }], ["notice", { kind: "deleted", tasks: [], drafts: [refused] }]);
  assert.equal(gone.drafts.size, 0);
  const back = steps(gone, ["undo", { notice: gone.notices[0] }]);
  assert.deepEqual([back.drafts.size, back.notices.length], [1, 0]);
  assert.equal(steps(back, ["undo", { notice: gone.notices[0] }]), back, "an undo pressed twice is one");
});

test("what the server has stays until the server says that it is in the trash", () => {
  const video = task({ status: "succeeded", version: 1 });
  const shown = steps(scene(), snapshot([video]));
  assert.deepEqual(toClear(shown).map((card) => card.task), [video]);
  assert.equal(steps(shown, ["clear"]), shown);
  const trashed = steps(shown, ["task_status", { ...video, version: 2, trashed_at: at(5) }]);
  assert.deepEqual(toClear(trashed), []);
  assert.equal(toClear({ ...trashed, filter: "trash" }).length, 1);
});

test("the tab of problems clears the refused pictures and no other", () => {
  const [refused, waiting] = [draft({ key: "a", state: "refused" }), draft({ key: "b" })];
  const shown = scene({ filter: "problems", drafts: new Map([["a", refused], ["b", waiting]]) });
  assert.deepEqual([...steps(shown, ["clear"]).drafts.keys()], ["b"]);
  const videos = { ...shown, filter: "videos" };
  assert.equal(steps(videos, ["clear"]), videos);
});

test("a visit does not tell of videos that are in the trash", () => {
  const trashed = task({ status: "succeeded", finished_at: at(150), trashed_at: at(160) });
  assert.deepEqual(steps(scene({ heard: at(100) }), snapshot([trashed])).notices, []);
});

test("who looks at the trash and chooses a picture sees the picture", () => {
  assert.equal(steps(scene({ filter: "trash" }), chosen(draft({ file }))).filter, "all");
  assert.equal(steps(scene({ filter: "videos" }), chosen(draft({ file }))).filter, "videos");
});

test("a task in the trash at the page's address comes into view there", () => {
  const trashed = task({ status: "succeeded", trashed_at: at(5), version: 1 });
  assert.equal(steps(scene(), snapshot(), ["address", { id: id("a") }], ["task_status", trashed]).filter, "trash");
});

test("the task at the page's address comes into view when it is known, whatever is filtered", () => {
  const waiting = steps(scene({ filter: "videos" }), snapshot(), ["address", { id: id("a") }]);
  assert.equal(waiting.broughtUp, null);
  assert.ok(waiting.watched.has(id("a")));
  const there = steps(waiting, ["task_status", task({ version: 1 })]);
  assert.deepEqual([there.filter, there.broughtUp], ["all", { id: id("a") }]);
});

test("an address that leads nowhere is said until it is left", () => {
  const lost = steps(scene(), snapshot(), ["address", { id: id("f") }], ["error", { code: "not_found", task_ids: [id("f")] }]);
  assert.equal(lost.address.missing, true);
  assert.equal(steps(lost, ["address", { id: null }]).address.missing, false);
});

test("a queue's numbers are kept, and the places of one's own tasks with them", () => {
  const told = { waiting: 7, running: 1, paused: false, tasks: [{ task_id: task().task_id, queue: { position: 4, size: 7 }, eta: null }] };
  const moved = steps(scene({ tasks: known(task()) }), ["queue", told]);
  assert.deepEqual([moved.queue.waiting, [...moved.tasks.values()][0].queue.position], [7, 4]);
});

test("the first of several goes alone, then several do; where there is no place, one at a time until all are sent", () => {
  const drafts = [0, 1, 2].map((n) => draft({ key: `page-0-${n}-a`, file, size: 1 }));
  const refusedBy = (code) => ["not_sent", { key: "page-0-1-a", problem: { code, retryable: true }, retryAt: 9 }];
  const accepted = ["accepted", { key: "page-0-0-a", task: task({ client_id: "page-0-0-a" }) }];
  const begun = steps(scene(), chosen(...drafts));
  assert.equal(begun.pace, "first");
  assert.equal(steps(begun, accepted).pace, "several");
  assert.equal(steps(begun, accepted, refusedBy("offline")).pace, "first", "after a pause it begins anew");
  assert.equal(steps(begun, accepted, refusedBy("offline"), accepted).pace, "several");
  assert.equal(steps(begun, refusedBy("line_full"), accepted).pace, "one");
  const sent = steps(begun, refusedBy("line_full"), ...drafts.map(({ key }) => ["accepted", { key, task: task({ client_id: key }) }]));
  assert.equal(steps(sent, chosen(draft({ key: "page-1-0-a", file }))).pace, "first");
});

test("a page that is there before its server says that nobody answers, and later only what a proxy says", () => {
  const offline = ["unanswered", { problem: { code: "offline" } }];
  assert.equal(steps(scene({ live: false }), offline).onTheWay.code, "offline");
  assert.equal(steps(scene({ live: false }), snapshot(), offline).onTheWay, null);
  assert.equal(steps(scene({ live: false }), offline, ["connection", "live"]).onTheWay, null);
});
