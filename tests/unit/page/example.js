/* Tasks, drafts and scenes as the tests want them: whole, with only what a test is about said. */

import { Clock } from "../../../static/connection/clock.js";
import { beginning } from "../../../static/state.js";
import { wordsFor } from "../../../static/words/words.js";

const ENGLISH = await wordsFor(["en-GB"]);

export const NOON = Date.parse("2026-06-01T12:00:00.000Z");
export const at = (seconds) => new Date(NOON + seconds * 1000).toISOString();

export function task(changes = {}) {
  return {
    task_id: "a".repeat(32), client_id: null, batch_id: null, status: "queued", version: 0, stage: null, progress: 0, attempt: 1, max_attempts: 3,
    cancel_requested: false, queue: null, eta: null, image: { name: "photo.jpg", thumbnail_url: "/thumbnail" },
    video_url: changes.status === "succeeded" ? "/video" : null, video: null, preview: null, views: 0, retry_of: null, error: null,
    created_at: at(0), started_at: null, finished_at: null, expires_at: null, ...changes,
  };
}

export const known = (...tasks) => new Map(tasks.map((each) => [each.task_id, each]));

export function draft(changes = {}) {
  return { key: "page-0-0-ab", name: "photo.jpg", state: "waiting", sent: 0, problem: null, retryAt: 0, tries: 0, localUrl: "blob:1", ...changes };
}

/** The page's state, live, with nothing in line. */
export function scene(changes = {}) {
  const queue = { waiting: 0, running: 0, paused: false, ready_at: at(30) };
  const clock = new Clock(() => NOON);
  return { ...beginning({ words: ENGLISH, clock }), live: true, connection: "live", queue, model: { state: "ready" }, ...changes };
}
