import assert from "node:assert/strict";
import { test } from "node:test";
import { step, toClear } from "../../../static/state.js";
import { Commands } from "../../../static/tasks/commands.js";
import { noticeText } from "../../../static/notices/notices.js";
import { at, draft, known, scene, task } from "./example.js";

const id = (n) => String(n).padStart(32, "0");
const video = (n, changes) => task({ task_id: id(n), status: "succeeded", version: 1, finished_at: at(n), ...changes });

/* The page's loop, with a server that answers at once. `refuse` says which requests it refuses, and with what. */
class Page {
  asked = [];
  most = 0;
  #open = 0;

  constructor(state, refuse = () => null) {
    Object.assign(this, { state, refuse });
    this.commands = new Commands(this.tell);
    globalThis.fetch = (url, { method }) => this.#answer(method, url);
  }

  tell = (event, data = {}) => {
    const before = this.state;
    this.state = step(before, event, data, before.clock.now());
    this.commands.follow({ event, data, before, after: this.state });
  };

  async #answer(method, url) {
    const [, taskId, word = ""] = /video\/(\w+)\/?(\w*)$/.exec(url);
    this.asked.push(`${method} ${Number(taskId)} ${word}`.trim());
    this.most = Math.max(this.most, (this.#open += 1));
    await new Promise((resolve) => setImmediate(resolve));
    this.#open -= 1;
    const refused = this.refuse(Number(taskId), word);
    if (refused) return new Response(JSON.stringify({ type: `urn:leyline:error:${refused.code}`, ...refused }), { status: refused.status });
    if (method === "DELETE") return new Response(null, { status: 204 });
    const known = this.state.tasks.get(taskId) ?? video(Number(taskId));
    return Response.json({ ...known, version: known.version + 1, trashed_at: word === "trash" ? at(60) : null });
  }

  /* Until nothing is asked any more. */
  async rest() {
    for (let asked = -1; asked !== this.asked.length;) {
      asked = this.asked.length;
      for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  get said() {
    return this.state.notices.map((notice) => noticeText(notice, this.state.words));
  }
}

test("clearing acts on what the tab shows, in the number that its words say", async () => {
  const tasks = known(...Array.from({ length: 40 }, (_, n) => video(n + 1)), video(41, { status: "failed" }));
  const page = new Page(scene({ tasks, filter: "problems" }));
  assert.equal(page.state.words.clear.problems(toClear(page.state).length), "Delete 1 problem");
  page.tell("clear");
  await page.rest();
  assert.deepEqual(page.asked, ["POST 41 trash"]);
  page.tell("filter", { name: "videos" });
  assert.equal(page.state.words.clear.videos(toClear(page.state).length), "Delete 40 videos");
  page.tell("clear");
  await page.rest();
  assert.equal(page.asked.length, 41);
  assert.deepEqual(page.said, ["photo.jpg is in the trash.", "40 pictures are in the trash."]);
  assert.ok(page.most <= 3, "and the server is not flooded");
});

test("an undo takes all of it back", async () => {
  const refused = draft({ state: "refused" });
  const page = new Page(scene({ tasks: known(video(1), video(2)), drafts: new Map([[refused.key, refused]]) }));
  page.tell("clear");
  await page.rest();
  assert.deepEqual(page.said, ["3 pictures deleted."], "one of them was never sent, so it is in no trash");
  assert.deepEqual([page.state.drafts.size, toClear(page.state).length], [0, 0]);
  page.tell("undo", { notice: page.state.notices[0] });
  await page.rest();
  assert.deepEqual(page.asked.slice(2).sort(), ["POST 1 restore", "POST 2 restore"]);
  assert.deepEqual([page.state.drafts.size, toClear(page.state).length, page.state.notices.length], [1, 3, 0]);
});

test("clearing the trash deletes for good what lies in it, and nothing else", async () => {
  const page = new Page(scene({ tasks: known(video(1), video(2, { trashed_at: at(5) })), filter: "trash" }));
  page.tell("clear");
  await page.rest();
  assert.deepEqual(page.asked, ["DELETE 2"]);
  assert.deepEqual([[...page.state.tasks.keys()], page.said], [[id(1)], []]);
});

test("what was tried before in vain goes and comes with its card, the newest last", async () => {
  const failed = video(1, { status: "failed" });
  const again = video(2, { status: "failed", retry_of: failed.task_id });
  const page = new Page(scene({ tasks: known(failed, again) }));
  page.tell("delete", { card: { task: again } });
  await page.rest();
  page.tell("restore", { card: { task: again } });
  await page.rest();
  page.tell("purge", { card: { task: again } });
  await page.rest();
  const both = (word) => [1, 2].map((n) => `POST ${n} ${word}`);
  assert.deepEqual(page.asked, [...both("trash"), ...both("restore"), "DELETE 1", "DELETE 2"]);
  assert.equal(page.state.tasks.size, 0);
});

test("the first problem ends it and is said once, and what was done can be undone", async () => {
  const busy = { status: 503, code: "database_busy", detail: "The server's database is busy." };
  const page = new Page(scene({ tasks: known(...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => video(n))) }), (n) => n > 3 && busy);
  page.tell("clear");
  await page.rest();
  assert.deepEqual(page.said, [busy.detail, "3 pictures are in the trash."]);
  assert.equal(page.asked.length, 6, "three were done, and three had been asked for at once");
  assert.equal(toClear(page.state).length, 6);
});

test("what has gone meanwhile is no problem", async () => {
  const page = new Page(scene({ tasks: known(video(1), video(2)) }), (n) => n === 1 && { status: 404, code: "not_found" });
  page.tell("clear");
  await page.rest();
  assert.deepEqual([[...page.state.tasks.keys()], page.said], [[id(2)], ["2 pictures are in the trash."]]);
});

test("whoever leaves in the middle has put all of it away", () => {
  const page = new Page(scene({ tasks: known(...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => video(n))) }));
  page.tell("clear");
  assert.equal(page.asked.length, 3);
  page.tell("leave");
  assert.equal(page.asked.length, 9);
});

test("what the model does not take any more is opened to be changed, where there is something to choose", async () => {
  const refusal = { status: 422, code: "bad_parameters", title: "Odd.", detail: "Odd.", errors: [{ pointer: "/seconds", detail: "Too long." }] };
  const failed = task({ task_id: id(1), status: "failed", version: 1, finished_at: at(1), parameters: { seconds: 99 } });
  const card = { task: failed, draft: null };
  for (const parameters of [null, { fields: [], values: {}, errors: {} }]) {
    const page = new Page(scene({ tasks: known(failed), parameters }), () => refusal);
    const told = [];
    const { tell } = page;
    page.commands = new Commands((event, data) => told.push([event, data]) && tell(event, data));
    page.tell("retry", { card });
    await page.rest();
    assert.deepEqual(page.asked, ["POST 1 retry"]);
    if (parameters) assert.deepEqual([told[0][0], told[0][1].problem.fields], ["changes", { seconds: "Too long." }]);
    else assert.deepEqual([told[0][0], told[0][1].kind], ["notice", "problem"]);
  }
});
