import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import de from "../../../static/words/de.js";
import en from "../../../static/words/en.js";
import { explain, wordsFor } from "../../../static/words/words.js";

/* Paths of all texts, with how many things a text depends on. */
function shape(words, path = "") {
  return Object.entries(words).flatMap(([key, value]) => {
    const here = `${path}.${key}`;
    return typeof value === "object" ? shape(value, here) : [`${here}${typeof value === "function" ? `(${value.length})` : ""}`];
  }).sort();
}

/* The words of each part that is loaded when it is wanted, and of the page, as [English, German]. */
const words = (path) => import(`../../../static/words/${path}`).then((module) => module.default);
const rooms = readdirSync(new URL("../../../static/words/en", import.meta.url));
const PAIRS = [[en, de], ...await Promise.all(rooms.map((name) => Promise.all([words(`en/${name}`), words(`de/${name}`)])))];

test("German is as complete as English", () => {
  assert.ok(rooms.length >= 4);
  for (const [english, german] of PAIRS) assert.deepEqual(shape(german), shape(english));
});

test("no text was left untranslated", () => {
  const same = new Set(["Videos", "Video", "Leyline", "Link", "de", "en", ", "]);
  const texts = (some) => Object.entries(some).flatMap(([key, value]) => (typeof value === "object" ? texts(value) : [[key, value]]));
  for (const [english, german] of PAIRS) {
    const theirs = texts(german);
    const copied = texts(english).filter(([, value], n) => typeof value === "string" && value === theirs[n][1] && !same.has(value));
    assert.deepEqual(copied, []);
  }
});

test("a part's words are added when it is loaded, in the person's language", async () => {
  const german = await wordsFor(["de"]);
  assert.equal(german.parameters, undefined);
  await german.room("parameters");
  assert.equal(german.parameters.next, "Nächste Bilder:");
});

test("the language follows the person's preference", async () => {
  const languages = [["de-AT", "en"], ["sv", "de"], ["sv"], ["en-US", "de"], [], ["c", "de"]].map(async (each) => (await wordsFor(each)).language);
  assert.deepEqual(await Promise.all(languages), ["de", "de", "en", "en", "en", "de"]);
});

test("what was chosen on the page comes before the browser's languages, as the person's own region writes it", async () => {
  const moment = new Date(2026, 5, 1, 14, 32);
  const [chosen, swiss] = [await wordsFor(["en-US", "en"], "de"), await wordsFor(["en", "de-CH"], "de")];
  assert.deepEqual([chosen.language, swiss.language, swiss.locale], ["de", "de", "de-CH"]);
  assert.match(chosen.time(moment), /^2:32/, "the clock of an American, in German");
  assert.equal((await wordsFor(["en-GB"], "tlh")).language, "en", "what was kept once, and is no language any more");
});

test("numbers in words are written as the person's region does", async () => {
  const [indian, german] = [await wordsFor(["en-IN"]), await wordsFor(["de"])];
  assert.equal(indian.line.ahead(1234567), "12,34,567 ahead");
  assert.equal(german.line.ahead(12345), "12.345 davor");
});

test("times are written as the person's region does", async () => {
  const moment = new Date(2026, 5, 1, 14, 32);
  assert.equal((await wordsFor(["en-GB"])).time(moment), "14:32");
  assert.match((await wordsFor(["en-US"])).time(moment), /2:32\sPM/);
});

test("an unknown problem is told in the server's own words", async () => {
  assert.equal(explain({ code: "new_one", detail: "Turn it around." }, await wordsFor(["de"])), "Turn it around.");
});

test("what a model says of a picture is told as the model's, in its own words", async () => {
  const problem = { code: "unsuitable", title: "The model says no.", detail: "No face was found." };
  assert.equal(explain(problem, await wordsFor(["de"])), "Das Modell sagt: „No face was found.“");
  assert.equal(explain(problem, await wordsFor(["en"])), "The model says: “No face was found.”");
  assert.equal(explain({ ...problem, detail: problem.title }, await wordsFor(["de"])), de.problems.unsuitable);
});

test("every code that a person can meet has words of the page", () => {
  const source = ["errors", "line/failures"].map((name) => readFileSync(new URL(`../../../leyline/${name}.py`, import.meta.url), "utf8")).join("");
  const codes = [...source.matchAll(/code(?:, retryable)? = (?:\d+, )?"(\w+)"/g)].map(([, code]) => code);
  const programs = ["startup", "bad_request", "operator_only", "cross_origin", "unknown_host", "headers_too_large",
    "range_not_satisfiable", "internal", "line_moved", "task_not_waiting", "key_in_flight", "key_reused", "bad_webhook",
    "webhooks_full", "push_off", "bad_subscription", "push_limit", "login_over", "authorization_pending", "slow_down", "access_denied", "expired_token", "logins_full"];
  const told = Object.assign({}, ...PAIRS.map(([english]) => english.problems));
  assert.ok(codes.length > 20);
  assert.deepEqual(codes.filter((code) => !(code in told) && !programs.includes(code)), []);
});
