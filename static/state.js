/* Owns the page's one state and every way in which it changes: a pure function from a state and what happened to
   the next state. Leaves how it looks, and what is to be done about it, to the parts of the page.
   The danger is a change made anywhere else: then the page shows what nothing here explains. */

import { cards, clearable, draftsOf } from "./cards/cards.js";
import { granted, graceful, still } from "./tasks/grace.js";
import { milestones } from "./tasks/milestones.js";
import { addListed, isFinished, receive } from "./tasks/tasks.js";
import { anyOpen, failed, hurried, judged, paceAfter, paceOnward, put, restored, without } from "./uploads/drafts.js";

const MODEL_KNOWN = new Set(["model_loading"]); // what is over as soon as it is known what the model takes

/** How everything is before anything has happened. */
export function beginning({ words, clock, heard = "", bell = false, hidden = false, cookies = true }) {
  return {
    words, clock,
    connection: "connecting", live: false, asks: false, // whether no socket passes, and it is asked instead
    snapshots: 0, heard, // how often all was told, and when the server was last heard, as its own time
    onTheWay: null, // the Problem of a proxy that answers in the server's place, or that nobody has answered yet
    session: cookies ? null : false, // whether the server knows who this is; null until it has said
    limits: {}, model: null, queue: null,
    parameters: null, // {fields, values, errors, Shown}: what may be chosen for the next pictures, and what is; or null
    tasks: new Map(), // by id
    next: null, listing: false, // the list of tasks goes on before this one, null not at all; it is being asked for
    address: { id: null, wanted: null, missing: false }, // the id at the page's address; the same, until it is brought up
    watched: new Set(), // ids asked for by address; a snapshot says nothing about them
    broughtUp: null, // {id}, anew whenever a task is to be brought into view; folded, where it is one of several
    drafts: new Map(), // pictures on their way to the server, by key, in the order chosen
    pace: "first", // how many of these are sent at once, as drafts.js has it
    graces: new Map(), // ids of tasks that will be canceled, with when, by this computer's clock
    aborted: new Map(), // keys of canceled uploads, with the task if one was accepted all the same
    filter: "all",
    wall: null, // how the videos are looked through, once somebody has; false where that could not be loaded
    notices: [],
    news: [], // what the last change that brought any is to be told aloud
    unseen: 0, hidden, // how many have finished while nobody looked
    bell,
    ticks: 0,
  };
}

/** The state after `event`, at `now` by the server's clock; the same state when it was no news. */
export function step(state, event, data, now) {
  return event in STEPS ? STEPS[event](state, data, now) : state;
}

const STEPS = {
  __proto__: null, // the server names the events

  // The server says
  hello: greet,
  snapshot: takeSnapshot,
  task_status: (state, data, now) => heard(learn(state, { event: "task_status", data }), now),
  task_gone: (state, data) => learn(state, { event: "task_gone", data }),
  queue: (state, data, now) => heard({ ...learn(state, { event: "queue", data }), queue: data }, now),
  model: (state, model) => ({ ...state, model, drafts: model.schema ? hurried(state.drafts, MODEL_KNOWN) : state.drafts }),
  pong: (state, { server_time: time }, now) => heard({ ...state, clock: state.clock.corrected(time) }, now),
  error: refuseIds,

  // The same, where it is asked instead
  followed: (state, data, now) => heard(learn(state, { event: "snapshot", data }), now),
  asks: (state, { asks }) => {
    const others = state.notices.filter(({ kind }) => kind !== "asks");
    return { ...state, asks, notices: asks ? [...others, { kind: "asks" }] : others };
  },

  // The connection
  connection: (state, connection, now) => connect({ ...state, connection, live: connection === "live" }, now),
  unanswered: (state, { problem }) => ({ ...state, onTheWay: isWorthSaying(problem, state) ? problem : null }),
  lost: (state) => ({ ...state, session: state.session ?? true }), // where sockets do not pass, pictures still may
  admitted: (state) => ({ ...state, drafts: hurried(state.drafts) }),

  // A picture on its way
  drafted: (state, { drafts }) => send(
    { ...state, filter: awayFromTrash(state), pace: anyOpen(state.drafts) ? state.pace : "first" }, drafts.reduce(put, state.drafts)),
  sending: (state, { key, sent }) => changeDraft(state, key, { state: "sending", sent }),
  checking: (state, { key }) => changeDraft(state, key, { state: "checking", sent: 1 }),
  not_sent: (state, { key, problem, retryAt }) => notSent(state, key, failed(state.drafts.get(key), problem, retryAt)),
  accepted: (state, { key, task }) => learn(
    { ...state, ...unmarked(state, key), pace: paceOnward(state.pace), drafts: without(state.drafts, [key]) }, { event: "task_status", data: task }),

  // What may be chosen for the next pictures
  parameters: (state, { parameters }) => ({ ...state, parameters }),
  values: (state, { values }) => choose(state, values),

  // Somebody does something
  filter: (state, { name }) => ({ ...state, filter: name }),
  show: (state, { id }) => broughtUp(state, id),
  show_videos: (state, { notice: { id }, notice }) => over({ ...state, filter: "videos", broughtUp: { id, folded: true } }, notice),
  cancel: (state, { card }) => (!card.task ? drop(state, card.key) : graceful(card.task) ? { ...state, ...granted(state, card.task) } : state),
  keep: (state, { card }) => ({ ...state, graces: still(state.graces, (id) => id !== card.task?.task_id) }),
  grace_over: (state, { id, until }) => ({ ...state, graces: still(state.graces, (each) => each !== id || state.graces.get(id) !== until) }),
  delete: (state, { card, cards = [card] }) => putAway(state, cards),
  clear: (state) => putAway(state, toClear(state)),
  undo: (state, { notice }) => (state.notices.includes(notice) ? takeBack(over(state, notice), notice) : state),
  bell: (state, { on }) => ({ ...state, bell: on }),
  address: turnTo,

  // The wall: what it says of itself, and tasks that it was told of
  search: (state) => ({ ...state, filter: "videos" }),
  wall: (state, { wall, tasks }) => ({
    ...state, wall: wall ? { ...state.wall, ...wall } : wall ?? state.wall, tasks: tasks ? addListed(state.tasks, tasks) : state.tasks,
  }),

  // More of the list
  near_end: (state) => (state.next === null ? state : { ...state, listing: true }),
  listed: (state, { tasks, next }) => bringUp({ ...state, tasks: addListed(state.tasks, tasks), next, listing: false }),
  not_listed: (state) => ({ ...state, listing: false }),

  // Notices come and go
  notice: (state, notice) => noticed(state, notice),
  notice_over: (state, { notice }) => over(state, notice),

  // Time passes
  looked: (state, { hidden }) => ({
    ...state, hidden, unseen: hidden ? state.unseen : 0, graces: hidden ? still(state.graces, () => false) : state.graces,
  }),
  leave: (state) => ({ ...state, graces: still(state.graces, () => false) }),
  tick: (state) => ({ ...state, ticks: state.ticks + 1 }),
};

/* A page that was kept is there before its server is. */
const isWorthSaying = ({ code }, { snapshots }) => code === "on_the_way" || (code === "offline" && !snapshots);

const less = (set, ids) => new Set([...set].filter((each) => !ids.includes(each)));

const noticed = (state, notice) => ({ ...state, notices: [...state.notices, notice] });
const over = (state, notice) => ({ ...state, notices: state.notices.filter((each) => each !== notice) });

const heard = (state, now) => ({ ...state, heard: new Date(now).toISOString() });

const connect = (state, now) => (state.live ? heard({ ...state, onTheWay: null }, now) : state);

// The server says

function greet(state, { server_time: time, session, model, queue, limits = {} }) {
  const known = {
    ...state, limits, session, clock: state.clock.synced(time), model: model ?? state.model, queue: queue ?? state.queue,
  };
  return send(known, state.drafts);
}

/* All that the server owns, at each connection. */
function takeSnapshot(state, data) {
  const { id } = state.address;
  const known = learn(state, { event: "snapshot", data });
  const watched = id && !known.tasks.has(id) ? new Set(state.watched).add(id) : state.watched;
  const since = { ...known, watched, snapshots: state.snapshots + 1, next: data.next, drafts: hurried(state.drafts) };
  const missed = state.heard ? finishedSince(state.heard, known.tasks) : [];
  return missed.length ? noticed(since, { kind: "away", count: missed.length, id: newest(missed).task_id, show: true }) : since;
}

const finishedSince = (time, tasks) =>
  [...tasks.values()].filter(({ status, finished_at: finished, trashed_at: trashed }) =>
    status === "succeeded" && finished > time && !trashed);

const newest = (finished) => finished.reduce((last, task) => (task.finished_at > last.finished_at ? task : last));

/* What a message tells of tasks. All that a first snapshot tells is how things are: nothing of it is news. */
function learn(state, message) {
  const tasks = receive(state.tasks, message, state.watched);
  if (tasks === state.tasks) return state;
  const news = state.snapshots ? milestones(state.tasks, tasks) : [];
  const ended = news.filter(({ kind }) => kind === "succeeded" || kind === "failed").length;
  const unseen = state.unseen + (state.hidden ? ended : 0);
  const graces = still(state.graces, (id) => tasks.has(id) && !isFinished(tasks.get(id)));
  return bringUp({ ...state, tasks, unseen, graces, aborted: caught(state.aborted, tasks), news: news.length ? news : state.news });
}

/* Of an upload that was canceled too late the task becomes known now. */
function caught(aborted, tasks) {
  const found = aborted.size ? [...tasks.values()].filter(({ client_id: key }) => aborted.get(key) === null) : [];
  return found.length ? new Map([...aborted, ...found.map((task) => [task.client_id, task])]) : aborted;
}

// The page's address

function turnTo(state, { id }) {
  if (id === state.address.id) return state;
  const watched = id && state.snapshots && !state.tasks.has(id) ? new Set(state.watched).add(id) : state.watched;
  return bringUp({ ...state, watched, address: { id, wanted: id, missing: false } });
}

/* The task at the page's address comes into view once it is known. */
function bringUp(state) {
  const { wanted } = state.address;
  if (!wanted || !state.tasks.has(wanted)) return state;
  return { ...broughtUp(state, wanted), address: { ...state.address, wanted: null, missing: false } };
}

/* Where its card stands. */
const broughtUp = (state, id) => ({ ...state, filter: state.tasks.get(id)?.trashed_at ? "trash" : "all", broughtUp: { id } });

function refuseIds(state, { task_ids: ids = [] }) {
  if (!ids.length) return state;
  const missing = state.address.missing || ids.includes(state.address.wanted);
  return { ...state, watched: less(state.watched, ids), address: { ...state.address, missing } };
}

// Pictures on their way

/* What is chosen in front of the trash would not be seen there. */
const awayFromTrash = ({ filter }) => (filter === "trash" ? "all" : filter);

/* These drafts are to be sent; what can be refused at once is. */
function send(state, drafts) {
  const after = judged(drafts, state);
  const refused = [...after.values()].filter((draft) => draft.state === "refused" && drafts.get(draft.key) !== draft);
  return { ...state, drafts: after, news: refused.length ? refused.map((draft) => ({ kind: "refused", draft })) : state.news };
}

/* What is to be tried again goes alone then: another could take the place that there is for it. */
function notSent(state, key, changes) {
  const pointed = changes ? point(state, key, changes.problem) : state;
  const pace = changes?.state === "retrying" ? paceAfter(state.pace, changes.problem) : state.pace;
  return changeDraft({ ...pointed, pace }, key, changes);
}

function changeDraft(state, key, changes) {
  const known = state.drafts.get(key);
  if (!known || !changes) return state;
  const draft = { ...known, ...changes };
  const news = draft.state === "refused" ? [{ kind: "refused", draft }] : state.news;
  return { ...state, drafts: put(state.drafts, draft), news };
}

// What may be chosen for the next pictures

/* An error stands until its field has another value. */
function choose(state, values) {
  if (!state.parameters) return state;
  const { values: before, errors } = state.parameters;
  const still = ([name]) => !(name in values) || values[name] === before[name];
  const left = Object.fromEntries(Object.entries(errors).filter(still));
  return { ...state, parameters: { ...state.parameters, values: { ...before, ...values }, errors: left } };
}

/* The server has taken this picture's values: where the same are chosen, nothing is wrong with them any more. */
function unmarked({ parameters, drafts }, key) {
  const { parameters: sent = {} } = drafts.get(key) ?? {};
  if (!parameters) return {};
  const other = ([name]) => sent?.[name] !== parameters.values[name];
  return { parameters: { ...parameters, errors: Object.fromEntries(Object.entries(parameters.errors).filter(other)) } };
}

/* What the server refuses of a picture's values is shown where the next ones' are set, as far as they are the same. */
function point(state, key, { fields = {} }) {
  const { parameters: sent } = state.drafts.get(key) ?? {};
  if (!state.parameters || !sent) return state;
  const { values, errors } = state.parameters;
  const same = Object.entries(fields).filter(([name]) => name in values && values[name] === sent[name]);
  return same.length ? { ...state, parameters: { ...state.parameters, errors: { ...errors, ...Object.fromEntries(same) } } } : state;
}

/* A picture is not to be sent, though the server may have accepted it by now. */
function drop(state, key) {
  const draft = state.drafts.get(key);
  if (!draft) return state;
  const aborted = new Map(state.aborted).set(key, null);
  return noticed({ ...state, aborted, drafts: without(state.drafts, [key]) }, { kind: "dropped", drafts: [draft], undo: true });
}

// What can be taken back

/** The cards that "clear" puts away: those of the tab that is shown. */
export const toClear = ({ tasks, drafts, filter }) => clearable(cards(tasks, drafts), filter);

/* Of these cards, the pictures that never left the page are not shown any more. Tasks are the server's to put away. */
function putAway(state, list) {
  const drafts = list.flatMap(draftsOf);
  return drafts.length ? { ...state, drafts: without(state.drafts, drafts.map(({ key }) => key)) } : state;
}

/* Everything is as it was before what the notice told, as far as the page has it; of a canceled task only a new one
   can be made. */
function takeBack(state, { drafts = [], values = {} }) {
  const accepted = drafts.filter(({ key }) => state.aborted.get(key));
  const aborted = new Map(state.aborted);
  for (const { key } of drafts) aborted.delete(key);
  const again = drafts.filter((draft) => !accepted.includes(draft)).map(restored);
  return { ...choose(state, values), aborted, drafts: again.reduce(put, state.drafts) };
}
