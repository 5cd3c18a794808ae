/* Owns the operator's calls, and the socket that tells what the page shows; by requests where no socket passes.
   Leaves what the sections mean to the parts that show them. */

import { base, eventsUrl, offline, ours, parsed, problemOf } from "../connection/api.js";
import { LiveSocket } from "../connection/socket.js";

const ADMIN = `${base}/api/admin/`;
const WITHIN_MS = 15_000;
const ASK_AGAIN_MS = 2_000;

export const signIn = (token) => call("POST", "session", { token });
export const signOut = () => call("DELETE", "session");
export const state = () => call("GET", "state");
export const pause = () => call("POST", "queue/pause");
export const resume = () => call("POST", "queue/resume");
export const cancel = (taskId) => call("POST", `tasks/${taskId}/cancel`);
/** Before the task of this id, or with null behind all. */
export const move = (taskId, before) => call("POST", `tasks/${taskId}/move`, { before });
/** A model process finishes what it has and goes; or goes at once, and what it has goes back. */
export const drain = (name) => call("POST", `workers/${encodeURIComponent(name)}/drain`);
export const letGo = (name) => call("DELETE", `workers/${encodeURIComponent(name)}`);

async function call(method, path, body) {
  const headers = body ? { ...ours, "Content-Type": "application/json" } : { ...ours };
  const signal = AbortSignal.timeout(WITHIN_MS);
  const asked = fetch(`${ADMIN}${path}`, { method, headers, signal, body: body && JSON.stringify(body) });
  const [answer, text] = await asked.then(async (got) => [got, await got.text()]).catch(() => { throw offline(); });
  if (!answer.ok) throw problemOf(answer.status, text, answer.headers.get("Retry-After"));
  return text ? parsed(text) : null;
}

/** The page's connection; `refused(problem)` where it is not the operator's any more. */
export function connection(refused) {
  return new LiveSocket(eventsUrl(location, ADMIN), answers, follow);

  async function answers() {
    await state().catch((problem) => {
      if (problem.code === "operator_only") refused(problem);
      throw problem;
    });
  }

  async function follow(hear) {
    let timer;
    let over = false;
    async function ask() {
      clearTimeout(timer);
      try {
        hear("snapshot", await state());
      } catch (problem) {
        if (problem.code === "operator_only") refused(problem);
        hear("unanswered", { problem });
      }
      if (!over) timer = setTimeout(ask, ASK_AGAIN_MS);
    }
    await ask();
    return { subscribe() {}, probe: ask, stop: () => [(over = true), clearTimeout(timer)] };
  }
}
