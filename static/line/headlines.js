/* Owns what the page says as a whole: the line's headline, the tab's title, the spoken news.
   Leaves single cards to phrases.js. Pure functions from state to texts. */

import { span } from "../connection/clock.js";
import { partsOf, percentOf } from "../tasks/tasks.js";
import { explain, nameOf } from "../words/words.js";

/** The line as {headline, detail, yours, model: {state, text, several}}: its headline is about one's own pictures while
    some go on, whose `round` this is, else about the line. Without a live connection it names no numbers. */
export function lineSays(state, round = null) {
  const { words, queue, model, live } = state;
  if (!live || !queue) return unconnected(state);
  const before = ahead(state);
  const paused = queue.paused && model?.state === "ready"; // what a busy one works on is finished
  const how = paused ? "paused" : model?.state;
  return {
    headline: queue.paused ? words.line.paused : round ? mine(state, round) : words.line.ahead(before),
    detail: detail(state),
    yours: round ? yours(words, round, inLine(state)) : "",
    model: modelSays(how, model, words),
  };
}

/* Of several models, how many do what: at most two of these, what matters most first. */
const COUNTED = [["busy"], ["failed"], ["loading", "restarting"], ["ready"]];

function modelSays(how, model, words) {
  const { processes } = model ?? {};
  const sum = (states) => states.reduce((all, state) => all + (processes[state] ?? 0), 0);
  if (!processes || sum(Object.keys(processes)) === 1 || how === "paused") return { state: how, text: words.model[how] ?? "" };
  const counts = COUNTED.map((states) => [states[0], sum(states)]).filter(([, n]) => n).slice(0, 2);
  if (!counts.length) return { state: how, text: words.model.none };
  return { state: how, several: true, text: words.listed(counts.map(([state, n], at) => words.model.several[state](n, at === 0))) };
}

const isNone = ({ state, processes = { any: 1 } }) => state === "loading" && !Object.values(processes).some(Boolean);

/** The longest of what `lineSays` may say, for each of its texts. */
export function roomForLine({ connection, line, length, model, problems, onTheWay, time, listed }) {
  const evening = time(new Date(2026, 8, 30, 20, 28)); // as long as a time gets
  return {
    headline: [connection.connecting, connection.reconnecting, line.paused, line.ahead(0), line.ahead(1000),
      line.several(200, evening), line.severalUnknown(200), line.one(length.minute(88), true), line.oneMade, line.oneWaits, line.oneSoon],
    detail: [connection.reconnectingDetail, line.pausedDetail, line.sentNow(evening), ...Object.values(model.detail),
      problems.offline, ...[503, 504].map(onTheWay)],
    yours: [listed([line.yours(1, 200), line.others(1000)])],
  };
}

function unconnected({ words, connection, onTheWay }) {
  const says = words.connection;
  const again = connection === "reconnecting";
  return {
    headline: again ? says.reconnecting : says.connecting,
    detail: onTheWay ? explain(onTheWay, words) : again ? says.reconnectingDetail : "",
    yours: "",
    model: { state: "unknown", text: again ? says.model : "" },
  };
}

/** How many pictures a new one of one's own would wait for: those before it in line and those being made, where no model is
    idle. The line's numbers come once a second; one's own pictures are known at once. */
export function ahead(state) {
  const { waiting, position = waiting + 1 } = state.queue;
  return Math.max(position - 1 + atWork(state), own(state));
}

/* How many there are, which in the fair order may be more. */
const inLine = (state) => Math.max(state.queue.waiting + atWork(state), own(state));

function atWork({ queue, model }) {
  const others = queue.running ?? (model?.state === "busy" ? 1 : 0);
  return model?.processes?.ready && !queue.paused ? 0 : others; // another one is idle
}

const own = ({ tasks }) => partsOf(tasks).open.length;

function detail({ words, queue, model, clock }) {
  if (model && isNone(model)) return words.model.detail.none;
  if (words.model.detail[model?.state]) return words.model.detail[model.state];
  if (queue.paused) return words.line.pausedDetail;
  if (!queue.ready_at) return words.line.sentNowUnknown;
  return words.line.sentNow(words.time(clock.local(queue.ready_at)));
}

function mine({ words, clock }, { open, first, now, last }) {
  const { line } = words;
  if (open.length > 1) return last ? line.several(open.length, words.time(clock.local(last))) : line.severalUnknown(open.length);
  if (!last) return now ? line.oneMade : line.oneWaits;
  const seconds = (Date.parse(last) - clock.now()) / 1000;
  if (seconds <= 0) return line.oneSoon;
  const [count, unit] = span(seconds);
  return line.one(words.length[unit](count), first.eta.basis !== "progress");
}

/* How many there are of one's own, and how many of others, so far as others are known to be there. */
function yours({ line, listed }, { open }, all) {
  const running = open.filter(({ status }) => status === "processing").length;
  return listed([line.yours(running, open.length - running), all > open.length && line.others(all - open.length)]);
}

/** What the head of the page says of the present round of one's own pictures, in pieces that are whole: how far it is,
    how far the picture that is being made is, and when that is ready. Nothing without a live connection. */
export function nowSays({ words, clock, live }, round) {
  if (!live || !round) return [];
  const { first, now, open, done, total } = round;
  const ready = first.eta?.ready_at && words.now.ready(words.time(clock.local(first.eta.ready_at)));
  if (!now) return [words.title.waiting(open.length), ready].filter(Boolean);
  return [total > 1 && words.now.of(done + 1, total), making(now, words), ready].filter(Boolean);
}

/** The tab's title: what one wants to see of a page in the background. */
export function title({ words, live, tasks, drafts, unseen }) {
  const running = farthest(tasks);
  const waiting = partsOf(tasks).open.filter((task) => task.status === "queued").length;
  const sending = [...drafts.values()].filter((draft) => draft.state !== "refused").length;
  const parts = live ? [
    running && making(running, words),
    waiting && words.title.waiting(waiting),
    sending && words.title.sending(sending),
    unseen && words.title.done(unseen),
  ] : [words.title.reconnecting];
  const said = parts.filter(Boolean);
  return said.length ? `${said.join(" · ")} · Leyline` : words.title.home;
}

function making(task, words) {
  const percent = percentOf(task);
  return percent === null ? words.title.busy : words.title.percent(percent);
}

/** The percentage of the tab's icon: of the task being made, or null where there is none or nobody knows it. */
export function iconPercent({ tasks, live }) {
  const running = live && farthest(tasks);
  return running ? percentOf(running) : null;
}

/* Of several tasks that are being made, that which will be ready first, as far as anybody knows. */
function farthest(tasks) {
  const running = partsOf(tasks).open.filter((task) => task.status === "processing");
  return running.sort((one, other) => (percentOf(other) ?? -1) - (percentOf(one) ?? -1))[0];
}

/** News as one text for a screen reader. Several of a kind become one sentence. */
export function announcement(news, words) {
  return [...grouped(news)].map(([kind, items]) => sentence(kind, items, words)).join(" ");
}

function grouped(news) {
  const kinds = new Map();
  for (const item of news) kinds.set(item.kind, [...(kinds.get(item.kind) ?? []), item]);
  return kinds;
}

function sentence(kind, items, words) {
  if (items.length > 1) return words.heard.many[kind](items.length);
  const [{ task, draft }] = items;
  const extra = {
    queued: task?.queue?.position,
    quarter: Math.floor((task?.progress ?? 0) / 25) * 25,
    failed: explain(task?.error, words),
    refused: explain(draft?.problem, words),
  };
  return words.heard[kind](nameOf(items[0], words), extra[kind]);
}
