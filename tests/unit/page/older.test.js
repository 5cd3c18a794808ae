import assert from "node:assert/strict";
import { test } from "node:test";

import { Older } from "../../../static/tasks/older.js";
import { task } from "./example.js";

const FIFTY = Array.from({ length: 50 }, (_, n) => task({ task_id: `${n}`, status: "succeeded" }));

/** A server whose list is these answers, by the `before` that they are asked with. */
function serve(pages) {
  const asked = [];
  globalThis.fetch = async (url) => {
    const before = new URL(url, "http://localhost").searchParams.get("before") ?? "";
    asked.push(before);
    const [status, body] = pages[before];
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  };
  return asked;
}

test("a list whose next task was deleted goes on from the newest", async () => {
  const older = new Older();
  older.after({ tasks: FIFTY });
  serve({ "": [200, { tasks: FIFTY, next: "deleted" }] });
  assert.equal(await older.ask(() => true), true);
  const asked = serve({
    deleted: [404, { code: "not_found", title: "", detail: "" }],
    "": [200, { tasks: [], next: "kept" }],
    kept: [200, { tasks: [task({ task_id: "old" })], next: null }],
  });
  const learnt = [];
  assert.equal(await older.ask((tasks) => learnt.push(...tasks) > 0), true);
  assert.deepEqual(asked, ["deleted", "", "kept"]);
  assert.deepEqual(learnt.map((each) => each.task_id), ["old"]);
  assert.equal(older.any, false);
});

test("a server that does not answer leaves the list where it was", async () => {
  const older = new Older();
  older.after({ tasks: FIFTY });
  serve({ "": [503, { code: "stopping", title: "", detail: "" }] });
  assert.equal(await older.ask(() => true), false);
  const asked = serve({ "": [200, { tasks: [], next: null }] });
  await older.ask(() => true);
  assert.deepEqual(asked, [""]);
});
