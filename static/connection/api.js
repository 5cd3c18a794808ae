/* Owns the addresses of the server that the page calls, but for those of one part alone, and how an answer becomes
   data or a Problem. Leaves when to call to others. */

/** The path below which this server is seen, without a slash at its end: a proxy may put it anywhere. */
export const base = globalThis.location ? new URL(import.meta.url).pathname.replace(/\/static\/(?!.*\/static\/).*/s, "") : "";
const TASKS = `${base}/api/video/`;
const WITHIN_MS = 15_000;
const TRIES = 3; // where a proxy could not reach the server, which may be over at once
const RETRY_MS = 500;
const TWICE_IS_ONCE = new Set(["GET", "DELETE"]); // to ask again changes nothing, though the first got through

/** What tells the server that it is its own page that asks, where a proxy has changed the host. */
export const ours = { "X-Leyline-Page": "1" };

export const uploadUrl = `${TASKS}upload/`;
export const eventsUrl = (location, under = TASKS) =>
  `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${under}events`;

/** Why a call was not answered with success: the server's problem+json, or code "offline". Where it is a limit, `limit`
    and what there was, `actual`, in the unit of its code. */
export class Problem extends Error {
  constructor({ code = "internal", title = "", detail = "", status = 0, retryable = false, errors = [], limit = null, actual = null }, retryAfter = null) {
    super(detail || title || code);
    const fields = Object.fromEntries(errors.map(({ pointer, detail: why }) => [fieldAt(pointer), why]));
    Object.assign(this, { code, title, detail, status, retryable, retryAfter, fields, limit, actual });
  }
}

/* A JSON Pointer (RFC 6901) to a value of the parameters as its name; "" is the whole. */
const fieldAt = (pointer) => pointer.slice(1).replaceAll("~1", "/").replaceAll("~0", "~");

export const offline = () => new Problem({ code: "offline", retryable: true });

/** The Problem that an answer with this status, body and Retry-After header tells; with the code "on_the_way" where it
    is none of the server's own, but of a proxy's between. */
export function problemOf(status, text, retryAfter) {
  const problem = problemIn(text);
  const later = [408, 425, 429, 502, 503, 504, 507].includes(status);
  const told = problem ?? { code: "on_the_way", retryable: later };
  return new Problem({ retryable: later, ...told, status }, retryAfter ? Number(retryAfter) || null : null);
}

/* A proxy's own page is no JSON, or another kind of it. */
function problemIn(text) {
  try {
    const body = JSON.parse(text);
    return body?.type === `urn:leyline:error:${body.code}` ? body : null;
  } catch {
    return null;
  }
}

export const cancel = (taskId) => call("POST", `${TASKS}${taskId}/cancel`, undefined, { outlivesPage: true });
/** Move a waiting task among one's own places in line: "first", "up", "down" or "last". */
export const move = (taskId, to) => call("POST", `${TASKS}${taskId}/move`, { to });
/** Send the picture of this task again; with other `parameters` where some are given. */
export const retry = (taskId, parameters) => call("POST", `${TASKS}${taskId}/retry`, parameters && { parameters });
export const trash = (taskId) => call("POST", `${TASKS}${taskId}/trash`, undefined, { outlivesPage: true });
export const restore = (taskId) => call("POST", `${TASKS}${taskId}/restore`);
export const remove = (taskId) => call("DELETE", `${TASKS}${taskId}`, undefined, { outlivesPage: true });
/** A page of the caller's tasks, newest first, after the task `before`; "" for the newest. */
export const list = (before) => call("GET", `${TASKS}?limit=100${before && `&before=${before}`}`);
/** A page of the caller's videos that have these words, in this order, after the video `before`; "" for the first. */
export const videos = (query) => call("GET", `${base}/api/videos?${new URLSearchParams({ limit: 100, ...query })}`);
export const pin = (taskId) => call("POST", `${TASKS}${taskId}/pin`);
export const unpin = (taskId) => call("POST", `${TASKS}${taskId}/unpin`);
/** All that the socket would tell first, once it is another `version` than this one, or after so many seconds. */
export const follow = (version, seconds, signal) => call("GET", `${TASKS}?since=${version}`, undefined, { seconds, signal });
export const status = (taskId) => call("GET", `${TASKS}${taskId}/status`);
export const queue = () => call("GET", `${base}/api/queue`);
export const model = () => call("GET", `${base}/api/model`);
export const health = () => call("GET", `${base}/healthz`);
export const admit = (token) => call("POST", `${base}/api/session`, { token });
export const links = (taskId) => call("GET", `${TASKS}${taskId}/links`);
export const makeLink = (taskId, options) => call("POST", `${TASKS}${taskId}/links`, options);
/** The viewing links that this browser has made, and one to several videos, `task_ids`. */
export const allLinks = () => call("GET", `${base}/api/links`);
export const share = (options) => call("POST", `${base}/api/links`, options);
export const revokeOwnLink = (linkId) => call("DELETE", `${base}/api/links/${linkId}`);
export const revokeLink = (taskId, linkId) => call("DELETE", `${TASKS}${taskId}/links/${linkId}`);
/** The key to subscribe with, and the browsers of this session that are told. */
export const subscriptions = () => call("GET", `${base}/api/push/subscriptions`);
export const subscribed = (subscription) => call("POST", `${base}/api/push/subscriptions`, subscription);
export const unsubscribed = (pushId) => call("DELETE", `${base}/api/push/subscriptions/${pushId}`);

/** What the server answers, or a Problem. */
export async function call(method, url, body, options) {
  for (let tries = 1; ; tries++) {
    try {
      return await callOnce(method, url, body, options);
    } catch (problem) {
      const mayPass = problem.code === "on_the_way" && problem.retryable && TWICE_IS_ONCE.has(method);
      if (!mayPass || tries === TRIES) throw problem;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** (tries - 1)));
    }
  }
}

async function callOnce(method, url, body, { seconds = 0, signal, outlivesPage = false } = {}) {
  const headers = body ? { ...ours, "Content-Type": "application/json" } : { ...ours };
  if (seconds) headers.Prefer = `wait=${seconds}`;
  const options = { method, headers, body: body && JSON.stringify(body), keepalive: outlivesPage };
  const [answer, text] = await answered(url, options, WITHIN_MS + 1000 * seconds, signal);
  if (!answer.ok) throw problemOf(answer.status, text, answer.headers.get("Retry-After"));
  return text ? parsed(text) : null;
}

async function answered(url, options, withinMs, signal) {
  const within = AbortSignal.timeout(withinMs);
  try {
    const answer = await fetch(url, { ...options, signal: signal ? AbortSignal.any([signal, within]) : within });
    return [answer, await answer.text()];
  } catch {
    throw offline();
  }
}

/** What a successful answer says; a page that a network's portal put in its place is no answer. */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw offline();
  }
}
