import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, span, stopwatch } from "../../../static/connection/clock.js";
import { returnDelay } from "../../../static/connection/fallback.js";
import { retryDelay } from "../../../static/connection/socket.js";
import { nextToSend, uploadDelay } from "../../../static/uploads/drafts.js";
import { at, draft, NOON } from "./example.js";

test("a wrong clock does not make a countdown wrong", () => {
  const clock = new Clock(() => NOON - 3_600_000).synced(at(0));
  assert.equal(clock.now(), NOON);
  assert.equal(clock.local(at(60)).getTime(), NOON - 3_600_000 + 60_000);
});

test("a server time that is none changes nothing", () => {
  const clock = new Clock(() => NOON).synced("soon");
  assert.equal(clock.now(), NOON);
});

test("spans are written as on a stopwatch", () => {
  assert.deepEqual([0, 30, 62.4, 7509].map(stopwatch), ["0:00", "0:30", "1:02", "2:05:09"]);
});

test("far times are told roughly, near ones in seconds", () => {
  assert.deepEqual([12.1, 61, 5399, 7200, 200_000].map(span), [[13, "second"], [1, "minute"], [90, "minute"], [2, "hour"], [2, "day"]]);
});

test("reconnecting backs off with jitter, and never waits longer than 5 s", () => {
  const shortest = [0, 1, 2, 3, 10].map((tries) => retryDelay(tries, 0));
  const longest = [0, 1, 2, 3, 10].map((tries) => retryDelay(tries, 1));
  assert.deepEqual(shortest, [125, 250, 500, 1000, 2500]);
  assert.deepEqual(longest, [250, 500, 1000, 2000, 5000]);
});

test("where no socket has passed the next one is tried ever later, at most after 5 min", () => {
  assert.deepEqual([0, 1, 2, 10].map((tries) => returnDelay(tries, 0)), [5000, 10_000, 20_000, 150_000]);
  assert.deepEqual([0, 1, 2, 10].map((tries) => returnDelay(tries, 1)), [10_000, 20_000, 40_000, 300_000]);
});

test("an upload is tried again when the server says, else after a doubling time", () => {
  assert.equal(uploadDelay({ retryAfter: 7 }, 5, 0), 7000);
  assert.deepEqual([0, 1, 2, 20].map((tries) => uploadDelay({ retryAfter: null }, tries, 0)), [500, 1000, 2000, 30_000]);
});

test("at most three uploads run at once, in the order chosen", () => {
  const made = (state, index, more) => draft({ key: `page-0-${index}-0`, state, ...more });
  const drafts = (...list) => new Map(list.map((each) => [each.key, each]));
  const keys = (list) => list.map(({ key }) => key);
  const waiting = [0, 1, 2, 3].map((index) => made("waiting", index));
  const next = (list, { pace = "several", now = 0 } = {}) => keys(nextToSend({ drafts: drafts(...list), pace }, 3, now));
  const goes = (index) => made("sending", index, { sent: 0.1 });
  assert.deepEqual(next(waiting), ["page-0-0-0"]);
  assert.deepEqual(next([made("sending", 0, { sent: 0 }), ...waiting.slice(1)]), [], "nothing of the one before is out");
  assert.deepEqual(next([goes(0), ...waiting.slice(1)]), ["page-0-1-0"]);
  assert.deepEqual(next([goes(0), made("checking", 1), ...waiting.slice(2)]), ["page-0-2-0"]);
  assert.deepEqual(next([goes(0), goes(1), goes(2), waiting[3]]), []);

  assert.deepEqual(next(waiting, { pace: "first" }), ["page-0-0-0"], "until one was accepted, the first goes alone");
  assert.deepEqual(next([made("checking", 0), ...waiting.slice(1)], { pace: "first" }), []);

  const retrying = (code, tries = 1) => made("retrying", 0, { retryAt: 50, tries, problem: { code } });
  for (const code of ["line_full", "client_limit", "offline"]) {
    const list = [retrying(code), made("refused", 1), waiting[2]];
    assert.deepEqual(next(list, { now: 40 }), [], `${code}: nothing overtakes what waits for its next try`);
    assert.deepEqual(next(list, { now: 50, pace: "first" }), ["page-0-0-0"]);
  }
  assert.deepEqual(next([retrying("line_full", 9), waiting[2]], { now: 40 }), []);
  assert.deepEqual(next([retrying("offline", 3), waiting[2]], { now: 40 }), ["page-0-2-0"], "but what never gets through by itself");
  const setBack = made("retrying", 0, { retryAt: 3_600_000, tries: 1, problem: { code: "line_full" } });
  assert.deepEqual(next([setBack, waiting[2]], { pace: "one" }), ["page-0-0-0"], "no wait is that long: the clock was set back");
});
