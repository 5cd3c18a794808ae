/* Owns the page's wiring: one state, the parts that show it, the connection that changes it.
   Decides nothing that a part could decide. */

import { Address } from "./tasks/address.js";
import { Announcer } from "./notices/announcer.js";
import * as api from "./connection/api.js";
import { Bell } from "./notices/bell.js";
import { cards } from "./cards/cards.js";
import { Clock } from "./connection/clock.js";
import { Commands } from "./tasks/commands.js";
import { element, setAttribute } from "./element.js";
import { Intake } from "./uploads/intake.js";
import { Line } from "./line/line.js";
import { milestones } from "./tasks/milestones.js";
import { Older } from "./tasks/older.js";
import { Shelf } from "./cards/shelf.js";
import { LiveSocket } from "./connection/socket.js";
import { Tab } from "./notices/tab.js";
import { addListed, receive } from "./tasks/tasks.js";
import { Toasts } from "./notices/toasts.js";
import { Uploads } from "./uploads/uploads.js";
import { Visit } from "./connection/visit.js";
import { wordsFor } from "./words/words.js";

class App {
  tasks = new Map();
  queue = null;
  model = null;
  #drawn = false;
  #tick = false;

  constructor(words) {
    this.words = words;
    this.clock = new Clock();
    this.visit = new Visit(this.clock);
    this.socket = new LiveSocket(api.eventsUrl(location));
    this.older = new Older();
    this.address = new Address(this.socket, {
      found: (id) => this.#bringUp(id),
      missing: (missing) => this.shelf.note(missing ? this.words.page.unknown : ""),
    });
    this.toasts = new Toasts(this.words);
    this.announcer = new Announcer(this.words);
    this.uploads = new Uploads(this.clock, {
      changed: () => this.changed(),
      accepted: (task, draft) => this.#accepted(task, draft),
      refused: (draft) => this.announcer.tell([{ kind: "refused", draft }]),
      problem: (problem) => problem.code === "token_needed" && this.#askToken(),
    });
    this.commands = new Commands(this.#offered());
    this.line = new Line(this.words);
    this.intake = new Intake(this.words, this.line, {
      files: (files) => this.uploads.add(files),
      leftOut: (count) => this.toasts.show(count ? this.words.intake.leftOut(count) : this.words.intake.nothing),
    });
    this.shelf = new Shelf(this.words, this.commands.act, {
      clear: () => this.commands.clear(this.#cards()),
      older: () => this.older.ask((tasks) => this.#addListed(tasks)),
      filtered: () => this.changed(true),
    });
    this.bell = new Bell(this.words, (text) => this.toasts.show(text));
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
      links: (task) => this.#links(task),
    };
  }

  /** Put the parts on the page and connect. */
  start() {
    document.documentElement.lang = this.words.language;
    document.querySelector(".skip").textContent = this.words.page.skip;
    document.querySelector(".masthead").append(this.line.standing, this.bell.element);
    document.querySelector("main").replaceChildren(this.intake.element, this.shelf.element);
    document.body.append(this.toasts.element, this.announcer.element);
    this.#listen();
    this.#watchScrolling();
    this.socket.start();
    setInterval(() => this.changed(true), 1000);
    this.#draw();
  }

  /* Once the line is out of sight, the head of the page says how the model is. */
  #watchScrolling() {
    const scrolled = ([{ isIntersecting }]) => setAttribute(document.documentElement, "data-scrolled", !isIntersecting);
    new IntersectionObserver(scrolled, { rootMargin: "-64px 0px 0px" }).observe(this.line.drawing);
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
    socket.on("lost", () => this.#whyLost());
    for (const event of ["task_status", "queue", "pong"]) socket.on(event, () => this.visit.hear());
    socket.on("state", (state) => state === "live" && this.visit.hear());
    addEventListener("hashchange", () => this.address.follow(this.tasks));
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
    this.tasks = receive(before, message, this.address.watched);
    const first = message.event === "snapshot" && !this.visit.begun;
    if (message.event === "snapshot") this.#snapshot(message.data);
    if (this.tasks === before) return;
    this.commands.arrived(this.tasks);
    this.address.arrived(this.tasks);
    this.#news(first ? [] : milestones(before, this.tasks));
    this.changed();
  }

  #snapshot(snapshot) {
    const missed = this.visit.begin(this.tasks);
    if (missed) this.toasts.show(this.words.connection.away(missed));
    this.older.after(snapshot);
    this.uploads.hurry();
    this.address.follow(this.tasks);
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
    if (problem?.code === "token_needed") this.#askToken();
  }

  #again() {
    this.socket.probe();
    this.uploads.hurry();
  }

  // What the parts ask for

  #bringUp(id) {
    this.shelf.filter = "all";
    this.changed(true);
    requestAnimationFrame(() => this.shelf.open(this.#cards().find(({ task }) => task?.task_id === id)?.key));
  }

  // Parts that are loaded when they are first wanted

  async #play({ task }, shown) {
    const { Player } = await this.#loaded(import("./watching/player.js"));
    const { thumbnail_url: poster, name: label } = task.image;
    shown.show(() => new Player({ taskId: task.task_id, poster, label, socket: this.socket, words: this.words }));
  }

  async #links(task) {
    const { Links } = await this.#loaded(import("./watching/links.js"));
    this.links ??= onPage(new Links(this.words, this.clock));
    await this.links.open(task);
  }

  async #askToken() {
    const { Admission } = await this.#loaded(import("./connection/admission.js"));
    this.admission ??= onPage(new Admission(this.words, () => this.#again()));
    this.admission.ask();
  }

  async #loaded(part) {
    try {
      return await part;
    } catch (error) {
      this.toasts.show(this.words.toasts.notLoaded);
      throw error;
    }
  }

  #addListed(listed) {
    const known = this.tasks.size;
    this.tasks = addListed(this.tasks, listed);
    this.changed();
    return this.tasks.size > known;
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
    this.shelf.update(this.#cards(), scene, { hasOlder: this.older.any, tick: this.#tick });
    this.tab.update(scene, this.tasks, this.uploads.drafts);
    this.#tick = false;
  }
}

function onPage(part) {
  document.body.append(part.element);
  return part;
}

new App(await wordsFor(navigator.languages)).start();
