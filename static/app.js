/* Owns the page's one loop: something happens, the state changes, each part does its share and shows it.
   Leaves every change to state.js. A part may `follow` what happened, at once, and `update` what is seen, soon; it is
   handed `tell(event, data)`, by which anything happens here. */

import { base, eventsUrl, queue } from "./connection/api.js";
import { Clock } from "./connection/clock.js";
import { LiveSocket } from "./connection/socket.js";
import { element, setAttribute, styled } from "./element.js";
import { keep, kept } from "./kept.js";
import { Keys } from "./keys/keys.js";
import { Line } from "./line/line.js";
import { look } from "./meant.js";
import { Announcer } from "./notices/announcer.js";
import { Bell, wasOn } from "./notices/bell.js";
import { Tab } from "./notices/tab.js";
import { Toasts } from "./notices/toasts.js";
import { Shelf } from "./cards/shelf.js";
import { beginning, step } from "./state.js";
import { Address } from "./tasks/address.js";
import { Intake } from "./uploads/intake.js";
import { Uploads } from "./uploads/uploads.js";
import { Wanted } from "./wanted.js";
import { tongues } from "./words/tongues.js";
import { speak, wordsHere } from "./words/words.js";

const SERVER_SAYS = ["hello", "snapshot", "task_status", "task_gone", "queue", "model", "pong", "error"];
const ASKED = ["followed", "unanswered", "asks"]; // where no socket passes
const HIDDEN_MS = 200; // a page that is not seen gets no frames to draw in

class App {
  #happened = [];
  #drawing = false;
  #parts = [];

  constructor(words) {
    const bell = wasOn();
    const heard = kept("heard");
    const { hidden } = document;
    this.state = beginning({ words, clock: new Clock(), heard, bell, hidden, cookies: navigator.cookieEnabled });
  }

  /** Put the parts on the page and connect. */
  start() {
    const { words } = this.state;
    const { tell } = this;
    const socket = new LiveSocket(eventsUrl(location), queue, byRequests);
    const [line, bell, toasts, announcer] = [new Line(words, tell), new Bell(words, tell), new Toasts(words, tell), new Announcer(words)];
    const [intake, shelf, keys] = [new Intake(words, line, tell), new Shelf(words, tell), new Keys(words, tell)];
    this.#parts = [
      new Uploads(tell), new Address(socket, tell), new Wanted(words, socket, intake.parameters, shelf.wall, tell), new Tab(tell),
      announcer, bell, line, intake, shelf, toasts, keys,
    ];
    speak(words);
    document.querySelector(".skip").textContent = words.page.skip;
    document.querySelector(".masthead").append(line.now.element, bell.element, tongues(words));
    document.querySelector("main").replaceChildren(intake.element, shelf.element);
    document.body.append(foot(words, tell, keys), intake.dock, toasts.element, announcer.element);
    this.#listen(socket);
    this.#draw();
    socket.start();
  }

  #listen(socket) {
    for (const event of [...SERVER_SAYS, ...ASKED]) socket.on(event, (data) => this.tell(event, data));
    socket.on("state", (state) => this.tell("connection", state));
    socket.on("lost", () => this.tell("lost"));
    socket.on("lost", () => this.#whyLost());
    setInterval(() => this.tell("tick"), 1000);
    addEventListener("pagehide", () => this.#leave());
    addEventListener("beforeunload", (event) => isSending(this.state) && event.preventDefault());
  }

  /* It may be a token that is missing, or a server on the way, which the socket cannot tell. */
  async #whyLost() {
    const problem = await queue().then(() => null, (refused) => refused);
    if (problem) this.tell("unanswered", { problem });
  }

  #leave() {
    keep("heard", this.state.heard);
    this.tell("leave");
  }

  /** Something has happened: the one way in which anything here changes. */
  tell = (event, data = {}) => {
    this.#happened.push([event, data]);
    if (this.#happened.length > 1) return; // told while another is followed: it comes next
    for (; this.#happened.length; this.#happened.shift()) this.#happen(...this.#happened[0]);
  };

  #happen(event, data) {
    const before = this.state;
    const after = (this.state = step(before, event, data, before.clock.now()));
    this.#eachPart((part) => part.follow?.({ event, data, before, after }));
    if (after !== before) this.#drawSoon();
  }

  /* One part's fault must not stop the others, nor the loop. */
  #eachPart(share) {
    for (const part of this.#parts) {
      try {
        share(part);
      } catch (error) {
        reportError(error);
      }
    }
  }

  /* Once for all that changes meanwhile. */
  #drawSoon() {
    if (this.#drawing) return;
    this.#drawing = true;
    if (document.hidden) setTimeout(() => this.#draw(), HIDDEN_MS);
    else requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#drawing = false;
    setAttribute(document.documentElement, "data-connection", this.state.connection);
    setAttribute(document.documentElement, "data-asks", this.state.asks);
    this.#eachPart((part) => part.update?.(this.state));
    look();
  }
}

function foot(words, tell, keys) {
  const connect = element("button.quiet.connect", { type: "button", onclick: () => tell("connect") }, words.page.connect);
  const about = element("a.quiet", { href: `${base}/about` }, words.page.about);
  return element("footer.foot", {}, keys.element, connect, about, tongues(words));
}

const byRequests = async (tell) => new (await import("./connection/requests.js")).Requests(tell);

const isSending = ({ drafts }) => [...drafts.values()].some(({ state }) => state !== "refused");

/* Rows, and what a thumb reaches: where the page is narrow, or once it is. */
const narrow = matchMedia("(max-width: 36rem)");
const rows = () => narrow.matches && styled("look/rows.css").catch(() => {}); // without them, cards are as anywhere else
narrow.addEventListener("change", rows);

const [words] = await Promise.all([wordsHere(), rows()]);
new App(words).start();
