import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { list, problemOf, remove, retry } from "../../../static/connection/api.js";
import { explain, wordsFor } from "../../../static/words/words.js";

const [english, german] = await Promise.all(["en", "de"].map((language) => wordsFor([language])));
const page = "<html><center><h1>413 Request Entity Too Large</h1></center><hr><center>nginx</center></html>";
const ours = JSON.stringify({ type: "urn:leyline:error:too_large", code: "too_large", detail: "It has 30.0 MB.", retryable: false });

let answers;
let asked;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  asked = 0;
  globalThis.fetch = async () => {
    const [status, text] = answers[Math.min(asked++, answers.length - 1)];
    return { ok: status < 400, status, text: async () => text, headers: new Headers() };
  };
});

async function called(promise) {
  const done = promise.then((value) => ({ value }), (problem) => ({ problem }));
  for (let round = 0; round < 40; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(500);
  }
  return done;
}

test("the server's own refusal is told as the server has it", () => {
  const problem = problemOf(413, ours, "7");
  assert.deepEqual([problem.code, problem.detail, problem.status, problem.retryAfter], ["too_large", "It has 30.0 MB.", 413, 7]);
});

test("a proxy's own refusal is told by its status, in both languages, whatever its body is", () => {
  for (const body of [page, "", "null", "[]", "7", '"no"', "{}", '{"code":"FORBIDDEN"}', '{"type":"about:blank","code":413}']) {
    const problem = problemOf(413, body, null);
    assert.equal(problem.code, "on_the_way", body);
    assert.equal(explain(problem, english), "A server on the way takes no files of this size (413).");
    assert.match(explain(problem, german), /^Ein Server auf dem Weg nimmt keine so großen Dateien an \(413\)/);
  }
  for (const status of [401, 403, 407, 429, 502, 503, 504, 418, 500]) {
    for (const words of [english, german]) assert.match(explain(problemOf(status, page, null), words), new RegExp(`\\(${status}\\)`));
  }
});

test("what may pass is to be tried again, and what will not is not", () => {
  const retryable = [401, 403, 413, 429, 500, 502, 503, 504].filter((status) => problemOf(status, page, null).retryable);
  assert.deepEqual(retryable, [429, 502, 503, 504]);
});

test("a proxy that could not reach the server is asked again, where twice is as good as once", async () => {
  answers = [[502, page], [504, page], [200, '{"tasks":[],"next":null}']];
  assert.deepEqual((await called(list(""))).value, { tasks: [], next: null });
  answers = [[502, page], [204, ""]];
  asked = 0;
  assert.equal((await called(remove("a"))).problem, undefined);
});

test("and not for ever, nor where a second asking could make a second task, nor in vain", async () => {
  answers = [[502, page]];
  assert.deepEqual([(await called(list(""))).problem.status, asked], [502, 3]);
  asked = 0;
  assert.deepEqual([(await called(retry("a"))).problem.status, asked], [502, 1]);
  answers = [[403, page]];
  asked = 0;
  assert.deepEqual([(await called(list(""))).problem.status, asked], [403, 1]);
});
