import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { step } from "../../../static/state.js";
import { batchOf, dayOf, grouped, today } from "../../../static/wall/groups.js";
import { found, plain, SORTS } from "../../../static/wall/found.js";
import { shares } from "../../../static/wall/rows.js";
import { all, MOST_SELECTED, NONE, ranged, stillShown, toggled } from "../../../static/wall/selection.js";
import { goesSoon, kept } from "../../../static/cards/phrases.js";
import { at, known, NOON, scene, task } from "./example.js";

const video = (name, changes = {}) =>
  task({ task_id: name, status: "succeeded", finished_at: at(0), image: { name: `${name}.jpg` }, ...changes });
const ids = (list) => list.map(({ task_id: id }) => id);
const everything = { search: "", sort: "newest" };

test("the wall has what is finished, kept and not in the trash", () => {
  const tasks = known(
    video("kept"), video("trashed", { trashed_at: at(9) }), video("expired", { video_url: null }), task({ task_id: "waits" }));
  assert.deepEqual(ids(found(tasks, everything, "all")), ["kept"]);
});

test("each order is the server's", () => {
  const tasks = known(
    video("boat", { finished_at: at(1), video: { seconds: 6 } }), video("Harbour", { finished_at: at(3), video: { seconds: 9 } }),
    video("IMG_7", { finished_at: at(2), video: { seconds: 7 } }));
  const inOrder = (sort) => ids(found(tasks, { search: "", sort }, "all"));
  assert.deepEqual(inOrder("newest"), ["Harbour", "IMG_7", "boat"]);
  assert.deepEqual(inOrder("oldest"), ["boat", "IMG_7", "Harbour"]);
  assert.deepEqual(inOrder("name"), ["boat", "Harbour", "IMG_7"]);
  assert.deepEqual(inOrder("length"), ["Harbour", "IMG_7", "boat"]);
});

test("as far as the server has told, and no further: nothing comes in between later", () => {
  const [first, second, third] = [video("a", { finished_at: at(1) }), video("b", { finished_at: at(2) }), video("c", { finished_at: at(3) })];
  const tasks = known(third, second, first);
  assert.deepEqual(ids(found(tasks, { search: "", sort: "oldest" }, null)), [], "the oldest that are known may not be the oldest");
  assert.deepEqual(ids(found(tasks, { search: "", sort: "oldest" }, second)), ["a", "b"]);
  assert.deepEqual(ids(found(tasks, everything, null)), ["c", "b", "a"], "but of the newest nothing newer is missing");
  assert.deepEqual(ids(found(tasks, everything, "all")), ["c", "b", "a"]);
});

test("all words are looked for in names and prompts, as the server does", () => {
  const tasks = known(
    video("Harbour", { parameters: { prompt: "A small boat leaves", avoid: "gulls" } }), video("café", { parameters: { story: "Rain" } }),
    video("cafe\u0301 2"), video("boat"));
  const search = (text) => ids(found(tasks, { search: text, sort: "name" }, "all")).sort();
  assert.deepEqual(search("  BOAT "), ["Harbour", "boat"]);
  assert.deepEqual(search("boat harb"), ["Harbour"]);
  assert.deepEqual(search("cafe"), ["cafe\u0301 2", "café"]);
  assert.deepEqual(search("rain"), ["café"], "without a prompt all texts that were chosen count");
  assert.deepEqual(search("gulls"), []);
  assert.equal(plain("Äﬁ"), "afi");
});

test("days are those of the person's clock, and a year has no day of 24 hours only", () => {
  const { clock } = scene();
  const local = new Date(NOON);
  assert.equal(dayOf(at(0), clock), today(clock));
  local.setDate(local.getDate() - 1);
  assert.equal(dayOf(local.toISOString(), clock), today(clock, 1));
});

test("groups by day are in the order of time, each in the order chosen", () => {
  const { clock } = scene();
  const day = 86_400;
  const tasks = [video("a", { finished_at: at(-day) }), video("b", { finished_at: at(0) }), video("c", { finished_at: at(-day - 60) })];
  const names = (sort) => grouped(tasks, "day", sort, clock).map((group) => ids(group.tasks));
  assert.deepEqual(names("name"), [["b"], ["a", "c"]]);
  assert.deepEqual(names("oldest"), [["a", "c"], ["b"]]);
  assert.deepEqual(grouped(tasks, "none", "newest", clock).map((group) => ids(group.tasks)), [["a", "b", "c"]]);
});

test("what was sent together is one group: by the task's batch, or by the page's own word", () => {
  const { clock } = scene();
  const tasks = [
    video("a", { client_id: "page-k3x-0-ab", created_at: at(2) }), video("b", { batch_id: "trip" }), video("c", { client_id: "page-k3x-1-cd", created_at: at(1) }),
    video("d", { client_id: "mine" }), video("e", { batch_id: "page-k3x" })];
  const groups = grouped(tasks, "batch", "newest", clock);
  assert.deepEqual(groups.map(({ batch, tasks: some }) => [batch, ids(some)]), [["page-k3x", ["a", "c", "e"]], ["trip", ["b"]], [null, ["d"]]]);
  assert.equal(groups[0].at, at(0), "it is called by when the first of it was sent");
  assert.equal(batchOf({ client_id: null }), null);
});

test("rows are full, have as many as they may, and are nearly as high as wanted", () => {
  const chance = (n) => 0.5 + ((n * 7919) % 200) / 100;
  for (const [width, options] of [[2500, {}], [1200, {}], [358, { least: 2, most: 3 }], [288, { least: 2, most: 3 }]]) {
    const shapes = Array.from({ length: 500 }, (_, n) => chance(n));
    const height = options.most ? 88 : 150;
    const places = shares(shapes, { width, height, gap: 6, ...options });
    assert.equal(places.length, shapes.length);
    const rows = [];
    for (let from = 0; from < places.length; from += places[from].count) rows.push(places.slice(from, from + places[from].count));
    for (const row of rows.slice(0, -1)) {
      assert.ok(Math.abs(row.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9, "full");
      assert.ok(row.length >= (options.least ?? 1) && row.length <= (options.most ?? Infinity), `${row.length} in a row`);
    }
    let from = 0;
    for (const row of rows) {
      const high = row.map(({ share }, n) => (share * (width - (row.length - 1) * 6)) / shapes[from + n]);
      assert.ok(Math.max(...high) - Math.min(...high) < 1e-6, "all of one row are of one height");
      if (!options.most) assert.ok(high[0] > height / 1.7 && high[0] < height * 1.7, `${high[0]} px`);
      from += row.length;
    }
  }
  assert.deepEqual(shares([], { width: 100, height: 10, gap: 1 }), []);
  const [{ share, count }] = shares([1], { width: 1000, height: 100, gap: 6 });
  assert.deepEqual([share, count], [0.1, 1], "one alone is no higher than wanted");
});

test("a selection: one in or out, a range from where it began, all, and no more than so many", () => {
  const shown = ["a", "b", "c", "d", "e"];
  const one = toggled(NONE, "b");
  assert.deepEqual([[...one.ids], one.anchor], [["b"], "b"]);
  assert.deepEqual([...toggled(one, "b").ids], []);
  assert.deepEqual([...ranged(one, "d", shown).ids], ["b", "c", "d"]);
  assert.deepEqual([...ranged(ranged(one, "d", shown), "a", shown).ids].sort(), ["a", "b", "c", "d"], "the anchor stays");
  assert.deepEqual([...ranged(NONE, "c", shown).ids], ["c"]);
  assert.deepEqual([...all(shown).ids], shown);
  const many = all(Array.from({ length: MOST_SELECTED + 1 }, (_, n) => `${n}`));
  assert.deepEqual([many.ids.size, many.full], [MOST_SELECTED, true]);
});

test("what is not shown any more is not selected any more", () => {
  const selection = ranged(toggled(NONE, "a"), "c", ["a", "b", "c"]);
  assert.equal(stillShown(selection, ["c", "b", "a"]), selection, "the same where all are");
  assert.deepEqual([[...stillShown(selection, ["c"]).ids], stillShown(selection, ["c"]).anchor], [["c"], null]);
});

test("how long a video is kept is said: until when, in how long where that is soon, or until it is unpinned", () => {
  const state = scene();
  const says = (changes) => kept(video("a", changes), state);
  assert.deepEqual(says({ expires_at: at(6 * 86_400) }), { text: "Kept until 7 June", soon: false });
  assert.deepEqual(says({ expires_at: at(7300) }), { text: "Goes in\u00a02\u00a0hours", soon: true });
  assert.deepEqual(says({ expires_at: at(-5) }), { text: "Goes in\u00a00\u00a0s", soon: true });
  assert.deepEqual(says({ pinned: true }), { text: "Kept until you unpin it", soon: false });
  assert.deepEqual(says({}), { text: "", soon: false });
  assert.equal(goesSoon(video("a", { expires_at: at(60), pinned: true }), state.clock), false);
});

test("what the wall was told of is known, and what it says of itself is kept with it", () => {
  const before = scene({ wall: { sort: "name", search: "" } });
  const after = step(before, "wall", { wall: { search: "boat" }, tasks: [video("a")] }, NOON);
  assert.deepEqual([after.wall, ids([...after.tasks.values()])], [{ sort: "name", search: "boat" }, ["a"]]);
  assert.equal(step(before, "wall", { wall: false }, NOON).wall, false);
});

test("the orders that can be chosen are the server's", () => {
  const server = readFileSync(new URL("../../../leyline/line/videos.py", import.meta.url), "utf8");
  const orders = [...server.matchAll(/^ {4}[A-Z]+ = "(\w+)"/gm)].map(([, name]) => name);
  assert.deepEqual(orders, SORTS);
});
