/* Owns the operator's page: who is let in, which parts it has, and what each is told when something has changed.
   Leaves what a section looks like to its part. The danger is a page that looks alive and is not: while nothing is
   heard, all of it says so. */

import * as calls from "./calls.js";
import { Clock } from "../connection/clock.js";
import { Disk } from "./disk.js";
import { Failures } from "./failures.js";
import { History } from "./history.js";
import { Line } from "./line.js";
import { Models } from "./models.js";
import { People, Settings } from "./tables.js";
import { SignIn } from "./signin.js";
import { element, setHidden, setText } from "../element.js";
import "../meant.js";
import { tongues } from "../words/tongues.js";
import { explain, speak, wordsHere } from "../words/words.js";

const words = await wordsHere();
await words.room("admin");
const root = document.documentElement;
const main = document.querySelector("main");
speak(words);
document.title = words.admin.title;

const said = element("p.unseen", { role: "status" });
const notice = element("p.notice", { role: "alert", hidden: true });
const away = element("p.notice.away", { hidden: true }, words.admin.away);
const signOut = element("button.quiet", { type: "button", hidden: true, onclick: leave }, words.admin.signOut);
document.querySelector(".masthead").append(element("p.standing", {}, words.admin.room), tongues(words), signOut);

const signIn = new SignIn(words, enter);
const scene = { words, act, clock: new Clock(), at: (time) => scene.clock.local(time) };
const parts = {
  line: new Line(scene), models: new Models(scene), history: new History(scene), failures: new Failures(scene),
  disk: new Disk(scene), people: new People(scene), settings: new Settings(scene),
};
const column = (...names) => element("div.column", {}, ...names.map((name) => parts[name].element));
const room = element("div.room-grid", {}, parts.line.element, column("models", "disk", "people"), column("history", "failures"),
  parts.settings.element);
main.append(said, notice, away, signIn.element, room);
let socket = null;
let sections = {};
show(false);
calls.state().then(enter, (problem) => refused(problem));
setInterval(() => socket?.state === "live" && parts.line.tick(), 1000);

/** The browser is signed in: hear everything from now on. */
function enter() {
  show(true);
  if (socket) return socket.probe();
  socket = calls.connection(refused);
  socket.on("snapshot", (told) => hear(told));
  socket.on("changed", (told) => hear(told));
  socket.on("pong", ({ server_time: time }) => {
    scene.clock = scene.clock.corrected(time);
    hear(sections);
  });
  socket.on("state", (state) => {
    root.dataset.connection = state;
    if (state === "live") socket.send("ping"); // its answer says what the server's clock says
    setHidden(away, state !== "reconnecting" || signOut.hidden);
  });
  socket.start();
}

function hear(told) {
  if (signOut.hidden) return;
  sections = { ...sections, ...told };
  for (const name of Object.keys(told)) parts[name]?.update(told[name], sections);
}

/** Not the operator's, or not any more: ask for the token. Anything else is told. */
function refused(problem) {
  if (problem.code === "operator_only") return show(false);
  setText(notice, problem.code === "offline" ? words.toasts.offline : explain(problem, words));
  setHidden(notice, false);
  setTimeout(() => calls.state().then(enter, refused), 2_000);
}

function show(isIn) {
  setHidden(signIn.element, isIn);
  setHidden(room, !isIn);
  setHidden(signOut, !isIn);
  if (!isIn) setHidden(away, true);
  setHidden(notice, true);
  if (!isIn) signIn.field.focus();
}

async function leave() {
  await calls.signOut().catch(() => {});
  sections = {};
  location.reload(); // nothing of what was shown stays
}

/** Do what a button says, and tell of it: what it was, or why it was not. */
async function act(work, done) {
  setHidden(notice, true);
  try {
    await work();
    setText(said, done);
  } catch (problem) {
    if (problem.code === "operator_only") return show(false);
    setText(notice, problem.code === "offline" ? words.toasts.offline : words.admin.problems[problem.code] ?? explain(problem, words));
    setHidden(notice, false);
  }
}
