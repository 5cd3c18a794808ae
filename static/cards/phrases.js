/* Owns what a card says: pure functions from state to plain values.
   Leaves the line and the tab to headlines.js, the words to words.js, putting them on the page to the components.
   The danger is a promise that is not kept: without a live connection nothing here counts down or moves. */

import { span, stopwatch } from "../connection/clock.js";
import { graceLeft } from "../tasks/grace.js";
import { mayBeTaken } from "../uploads/drafts.js";
import { isFinished, percentOf, waitingOf } from "../tasks/tasks.js";
import { explain, nameOf } from "../words/words.js";

/** What one card shows. `scene` is {words, clock, live}. The same fields for every state, so that a
    card's update only fills them in: name, state, status, when, message, percent, busy (it goes on, nobody knows how
    far it is), stale, still, sharp, alt, timeline, actions, playable, of how many segments, and where a row has room for less
    than `when`, what is said there instead: brief. */
export function describe(card, scene) {
  const { words } = scene;
  const name = nameOf(card, words);
  const base = {
    name, when: "", message: "", percent: null, busy: false, stale: !scene.live && isLive(card), still: null, sharp: null, alt: "",
    timeline: [], actions: [], playable: false, segments: 0,
  };
  const told = card.task ? describeTask(card.task, scene) : describeDraft(card.draft, scene);
  return { ...base, ...still(card, name, words), ...told };
}

const isLive = ({ task }) => Boolean(task) && !isFinished(task);

/* What is to be seen of a picture: `sharp` is the same still, as large as a screen may need it, once there is a video. */
function still({ task, draft }, name, words) {
  if (task?.preview && !isFinished(task)) return { still: task.preview.url, alt: words.card.altPreview(name) };
  const url = task?.image?.thumbnail_url;
  if (url) return { still: url, sharp: task.status === "succeeded" ? sharp(task.image) : null, alt: words.card.alt(name) };
  return { still: draft?.localUrl ?? null, alt: words.card.altLocal(name) };
}

/** The address of a picture's larger still. */
export const posterUrl = ({ thumbnail_url: url }) => url && `${url}?side=1280`;

/** Both stills with their widths, as an image's srcset. */
export function sharp(image) {
  const width = (side) => Math.round(side * Math.min(1, shapeOf(image)));
  return `${image.thumbnail_url} ${width(320)}w, ${posterUrl(image)} ${width(1280)}w`;
}

/** How wide a picture is for its height; nothing narrower or flatter than a video is made of it. */
export const shapeOf = ({ width, height }) => Math.min(3, Math.max(1 / 3, width / height || 4 / 3));

// A draft: a picture on its way to the server

function describeDraft(draft, { words, clock }) {
  const { card } = words;
  const percent = Math.floor(draft.sent * 100);
  const byState = {
    waiting: { status: card.waiting, percent: 0, actions: ["cancel"] },
    sending: { status: card.sending, percent, actions: ["cancel"] },
    checking: { status: card.checking, busy: true, actions: ["cancel"] },
    retrying: { ...retrying(draft, words, clock), actions: ["cancel"] },
    refused: {
      status: card.refused, message: explain(draft.problem, words), ...(draft.problem?.code === "bad_parameters"
        ? { actions: ["changes", "delete"] } : { still: null, actions: [...(draft.problem && mayBeTaken(draft) ? ["retry"] : []), "replace", "delete"] }),
    },
  };
  return { state: draft.state, ...byState[draft.state] };
}

function retrying(draft, words, clock) {
  const seconds = Math.ceil((draft.retryAt - clock.millis()) / 1000);
  return { status: words.card.retrying, when: `${explain(draft.problem, words, true)} ${words.card.again(seconds)}` };
}

// A task, by its status

const TELL = {
  queued: tellQueued, processing: tellProcessing, succeeded: tellSucceeded, failed: tellFailed, canceled: tellCanceled,
};

function describeTask(task, scene) {
  const tell = task.trashed_at ? tellTrashed : TELL[task.status] ?? tellQueued;
  return { state: task.status, timeline: timeline(task, scene), ...tell(task, scene) };
}

function tellQueued(task, scene) {
  const { words, live } = scene;
  const position = task.queue?.position;
  const again = task.attempt > 1;
  const place = !position ? words.card.queued
    : position > 1 ? words.card.place(position, task.queue.size)
      : again ? words.card.putBack : words.card.next;
  const when = live ? readyAt(task, scene) : words.card.lastSeen;
  const told = again && live ? words.card.attempt(task.attempt, task.max_attempts) : when;
  const actions = waitingOf(scene.tasks).length > 1 ? ["moving", "cancel"] : ["cancel"];
  return { status: place, when: told, brief: again ? null : brief(task, scene), actions };
}

function tellProcessing(task, scene) {
  const { words, live } = scene;
  const percent = percentOf(task);
  const busy = percent === null;
  if (task.cancel_requested) return { state: "canceling", status: words.card.canceling, percent, busy };
  const made = { percent, busy, playable: Boolean(task.watchable), segments: task.watchable?.segments ?? 0 };
  const left = graceLeft(scene, task);
  if (left !== null) return { ...made, state: "grace", status: words.card.grace(left), actions: ["keep"] };
  return {
    ...made, status: words.stages[task.stage] ?? task.stage ?? words.stages.starting, actions: task.watchable ? ["theatre", "cancel"] : ["cancel"],
    when: live ? readyAt(task, scene) : words.card.lastSeen, brief: brief(task, scene),
  };
}

function tellSucceeded(task, { words, clock }) {
  if (!task.video_url) {
    return { state: "expired", status: words.card.expired, message: words.card.expiredDetail, actions: ["again", "delete"] };
  }
  const { text, soon } = kept(task, { words, clock });
  const views = task.views ? words.card.views(task.views) : "";
  return {
    status: words.card.succeeded, playable: true, segments: Infinity, when: words.listed([text, views]),
    brief: soon ? text : views || text, actions: ["theatre", "link", task.pinned ? "unpin" : "pin", "delete"],
  };
}

const SOON_MS = 24 * 3600_000;

/** Whether this finished task goes within a day: then how long it is kept counts down. */
export const goesSoon = ({ expires_at: at, pinned }, clock) => Boolean(at) && !pinned && Date.parse(at) - clock.now() < SOON_MS;

/** How long a video is kept, as {text, soon}; no text where nothing ends it. */
export function kept(task, { words: { card, span: spans, ...words }, clock }) {
  if (task.pinned) return { text: card.pinned, soon: false };
  if (!task.expires_at) return { text: "", soon: false };
  if (!goesSoon(task, clock)) return { text: card.keptUntil(words.date(clock.local(task.expires_at))), soon: false };
  const [count, unit] = span(Math.max(0, Date.parse(task.expires_at) - clock.now()) / 1000);
  return { text: card.goes(spans[unit](count)), soon: true };
}

/* What the model will not do it does not do the next time either. */
function tellFailed(task, { words, parameters }) {
  const again = { unsuitable: [], parameters_changed: parameters && task.parameters ? ["again", "changes"] : ["again"] };
  const actions = [...(again[task.error?.code] ?? ["retry"]), "delete"];
  return { status: words.card.failed, message: explain(task.error, words), actions };
}

function tellCanceled(task, { words }) {
  return { status: words.card.canceled, actions: ["again", "delete"] };
}

function tellTrashed(task, { words, clock }) {
  const until = words.card.trashedUntil(words.time(clock.local(task.expires_at)));
  return { state: "trashed", status: words.card.trashed, when: until, actions: ["restore", "purge"] };
}

// Times

function readyAt(task, { words, clock }) {
  if (!task.eta?.ready_at) return words.card.waits[task.eta_reason] ?? "";
  const seconds = (Date.parse(task.eta.ready_at) - clock.now()) / 1000;
  if (seconds <= 0) return words.card.anyMoment;
  const [count, unit] = span(seconds);
  const say = task.eta.basis === "progress" ? words.card.readyAt : words.card.readyAbout;
  return say(words.time(clock.local(task.eta.ready_at)), words.span[unit](count));
}

/* The same in fewer words; null where there are none. */
function brief(task, { words, clock, live }) {
  const seconds = live && task.eta?.ready_at ? (Date.parse(task.eta.ready_at) - clock.now()) / 1000 : 0;
  if (seconds <= 0) return null;
  const [count, unit] = span(seconds);
  return words.card.brief(words.time(clock.local(task.eta.ready_at)), words.span[unit](count), task.eta.basis !== "progress");
}

/** What happened to a task, as [{kind, text, seconds}]; kind is sent, waited or ran. What has not ended
    yet is told only while it is known to go on. */
export function timeline(task, scene) {
  const { words, clock } = scene;
  const latestRun = task.status === "queued" ? null : task.started_at; // put back, it waits and does not run
  const times = [task.created_at, latestRun, task.finished_at];
  const [created, started, finished] = times.map((time) => Date.parse(time));
  const sent = `${words.timeline.uploaded} ${words.lately(clock.local(task.created_at), new Date(clock.millis()))}`;
  const told = [{ kind: "sent", text: sent, seconds: 0 }];
  told.push(...stretch("waited", created, started || finished, scene));
  if (started) told.push(...stretch("ran", started, finished, scene));
  return told;
}

const SAY = { waited: ["waiting", "waited"], ran: ["running", "ran"] };

function stretch(kind, from, to, { words, clock, live }) {
  if (!to && !live) return [];
  const seconds = Math.max(0, (to || clock.now()) - from) / 1000;
  return [{ kind, text: words.timeline[SAY[kind][to ? 1 : 0]](words.digits(stopwatch(seconds))), seconds }];
}
