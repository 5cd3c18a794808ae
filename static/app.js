/* Owns the page's wiring: one state, the parts that show it, the connection that changes it.
   Decides nothing that a part could decide. */

import { Admission } from "./admission.js";
import { Announcer } from "./announcer.js";
import * as api from "./api.js";
import { Bell } from "./bell.js";
import { cards } from "./cards.js";
import { Clock } from "./clock.js";
import { Commands } from "./commands.js";
import { element, setAttribute } from "./element.js";
import { Intake } from "./intake.js";
import { Line } from "./line.js";
import { Links } from "./links.js";
import { milestones } from "./milestones.js";
import { Shelf } from "./shelf.js";
import { LiveSocket } from "./socket.js";
import { Tab } from "./tab.js";
import { addListed, isFinished, receive } from "./tasks.js";
import { Toasts } from "./toasts.js";
import { Uploads } from "./uploads.js";
import { Visit } from "./visit.js";
import { wordsFor } from "./words.js";

const SNAPSHOT_FINISHED = 50; // so many, and there may be older ones
const TASK_ID = /^#([0-9a-f]{32})$/;

class App {
  tasks = new Map();
  watched = new Set();
  next = null;
  queue = null;
  model = null;
  #drawn = false;
  #tick = false;

  constructor() {
    this.words = wordsFor(navigator.languages);
    this.clock = new Clock();
    this.visit = new Visit(this.clock);
    this.socket = new LiveSocket(api.eventsUrl(location));
    this.toasts = new Toasts(this.words);
    this.announcer = new Announcer(this.words);
    this.uploads = new Uploads(this.clock, {
      changed: () => this.changed(),
      accepted: (task, draft) => this.#accepted(task, draft),
      refused: (draft) => this.announcer.tell([{ kind: "refused", draft }]),
      problem: (problem) => problem.code === "token_needed" && this.admission.ask(),
    });
    this.commands = new Commands(this.#offered());
    this.line = new Line(this.words);
    this.intake = new Intake(this.words, this.line, {
      files: (files) => this.uploads.add(files),
      leftOut: (count) => this.toasts.show(count ? this.words.intake.leftOut(count) : this.words.intake.nothing),
    });
    this.shelf = new Shelf(this.words, this.commands.act, {
      clear: () => this.commands.clear(this.#cards()), older: () => this.#older(), filtered: () => this.changed(true),
    });
    this.bell = new Bell(this.words, (text) => this.toasts.show(text));
    this.links = new Links(this.words, this.clock);
    this.admission = new Admission(this.words, () => this.#again());
    this.tab = new Tab();
  }

  /* What the commands may use of the page. */
  #offered() {
    return {
      words: this.words, uploads: this.uploads, toasts: this.toasts,
      intake: { askForOne: () => this.intake.askForOne() },
      learn: (task) => this.#learn({ event: "task_status", data: task }),
      changed: () => this.changed(true),
      play: (card, shown) => this.#play(card, shown),
      links: (task) => this.links.open(task),
    };
  }

  /** Put the parts on the page and connect. */
  start() {
    document.documentElement.lang = this.words.language;
    document.querySelector(".skip").textContent = this.words.page.skip;
    document.querySelector(".masthead").append(this.bell.element);
    document.querySelector("main").replaceChildren(this.intake.element, this.shelf.element);
    document.body.append(this.toasts.element, this.announcer.element, this.links.element, this.admission.element);
    this.#listen();
    this.socket.start();
    setInterval(() => this.changed(true), 1000);
    this.#draw();
  }

  #listen() {
    const { socket } = this;
    socket.on("hello", (hello) => this.#hello(hello));
    socket.on("model", (model) => this.#set({ model }));
    socket.on("queue", (queue) => this.#set({ queue }));
    for (const event of ["snapshot", "task_status", "task_gone", "queue"]) {
      socket.on(event, (data) => this.#learn({ event, data }));
    }
    socket.on("state", (state) => this.#connection(state));
    socket.on("error", (error) => this.#refusedIds(error));
    socket.on("lost", () => this.#whyLost());
    for (const event of ["task_status", "queue", "pong"]) socket.on(event, () => this.visit.hear());
    socket.on("state", (state) => state === "live" && this.visit.hear());
    addEventListener("hashchange", () => this.#openAddress());
    addEventListener("beforeunload", (event) => this.#unsent() && event.preventDefault());
  }

  // What arrives

  #hello({ server_time: time, model, queue, limits = {} }) {
    this.clock.sync(time);
    this.uploads.limits = limits;
    this.uploads.atOnce = limits.uploads_at_once ?? 3;
    this.intake.allow(limits);
    this.#set({ model: model ?? this.model, queue: queue ?? this.queue });
  }

  #set(changes) {
    Object.assign(this, changes);
    this.changed();
  }

  #learn(message) {
    const before = this.tasks;
    this.tasks = receive(before, message, this.watched);
    const first = message.event === "snapshot" && !this.visit.begun;
    if (message.event === "snapshot") this.#snapshot(message.data);
    else if (message.event === "task_status") this.commands.arrived(this.tasks.get(message.data.task_id) ?? {});
    if (this.tasks === before) return;
    this.#news(first ? [] : milestones(before, this.tasks));
    this.changed();
  }

  #snapshot({ tasks }) {
    const missed = this.visit.begin(this.tasks);
    if (missed) this.toasts.show(this.words.connection.away(missed));
    this.next = tasks.filter(isFinished).length < SNAPSHOT_FINISHED ? null : "";
    this.uploads.hurry();
    this.#openAddress();
  }

  #news(news) {
    this.announcer.tell(news.filter(({ kind }) => kind !== "canceled")); // its toast has said it
    const ended = news.filter(({ kind }) => kind === "succeeded" || kind === "failed");
    this.tab.done(ended.length);
    this.bell.ring(ended.map(({ task }) => task));
  }

  #accepted(task, draft) {
    this.#learn({ event: "task_status", data: task });
    if (!this.tasks.get(task.task_id)?.image?.thumbnail_url) return;
    setTimeout(() => URL.revokeObjectURL(draft.localUrl), 60_000);
  }

  // The connection

  #connection(state) {
    setAttribute(document.documentElement, "data-connection", state);
    if (state === "reconnecting") this.announcer.say(this.words.heard.reconnecting);
    if (state === "live" && this.visit.returned) this.announcer.say(this.words.heard.live);
    this.changed(true);
  }

  async #whyLost() {
    const problem = await api.queue().then(() => null, (refused) => refused);
    if (problem?.code === "token_needed") this.admission.ask();
  }

  #again() {
    this.socket.probe();
    this.uploads.hurry();
  }

  // A task opened by its address

  #openAddress() {
    const id = TASK_ID.exec(location.hash)?.[1];
    if (id && !this.tasks.has(id)) {
      this.watched.add(id);
      this.wanted = id;
    } else if (id) this.#bringUp(id);
    if (this.watched.size) this.socket.send("subscribe", { task_ids: [...this.watched] });
  }

  #bringUp(id) {
    this.wanted = null;
    this.shelf.note("");
    if (this.opened === id) return;
    this.opened = id;
    requestAnimationFrame(() => this.shelf.open(this.#cards().find(({ task }) => task?.task_id === id)?.key));
  }

  #refusedIds({ task_ids: ids = [] }) {
    for (const id of ids) this.watched.delete(id);
    if (!ids.includes(this.wanted)) return;
    this.wanted = null;
    this.shelf.note(this.words.page.unknown);
  }

  // What the parts ask for

  async #play({ task }, shown) {
    try {
      const { Player } = await import("./player.js");
      const { socket, words } = this;
      const { thumbnail_url: poster, name: label } = task.image;
      shown.show(new Player({ taskId: task.task_id, poster, label, socket, words }));
    } catch (error) {
      this.toasts.show(this.words.toasts.noPlayer);
      reportError(error);
    }
  }

  async #older() {
    if (this.next === null || this.listing) return;
    this.listing = true;
    const known = this.tasks.size;
    try {
      while (this.next !== null && this.tasks.size === known) await this.#listMore();
    } catch {
      // The next scroll asks again.
    }
    this.listing = false;
    this.changed();
  }

  async #listMore() {
    const page = await api.list(this.next);
    this.tasks = addListed(this.tasks, page.tasks);
    this.next = page.next;
  }

  #unsent() {
    return [...this.uploads.drafts.values()].some(({ state }) => state !== "refused");
  }

  #cards() {
    return cards(this.tasks, this.uploads.drafts, this.commands.away);
  }

  // Drawing

  /** Something is different: draw it soon, once for all that changed meanwhile. */
  changed(tick = false) {
    this.#tick ||= tick;
    if (!this.#drawn) return;
    this.#drawn = false;
    if (document.hidden) setTimeout(() => this.#draw(), 200);
    else requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#drawn = true;
    const scene = {
      words: this.words, clock: this.clock, live: this.socket.state === "live", queue: this.queue, model: this.model,
      connection: this.socket.state,
    };
    this.line.update(scene, this.tasks);
    this.shelf.update(this.#cards(), scene, { hasOlder: this.next !== null, tick: this.#tick });
    this.tab.update(scene, this.tasks, this.uploads.drafts);
    this.#tick = false;
    if (this.wanted && this.tasks.has(this.wanted)) this.#bringUp(this.wanted);
  }
}

new App().start();
