/* Owns the page's one live connection: opening it, keeping it, noticing when it is dead, or that none passes.
   Leaves what the messages mean to state.js, and asking where no socket passes to requests.js.
   The danger is a connection that looks open and is not (a laptop that slept, a Wi-Fi that left):
   silence is answered with a ping, and a ping without an answer within its time with a new connection. */

import { health } from "./api.js";
import { retryDelay, returnDelay } from "./delays.js";

const PING_AFTER_MS = 20_000;
const ANSWER_WITHIN_MS = 5_000;
const PROBE_WITHIN_MS = 1_500;
const BEAT_MS = 2_000;
const SLEPT_MS = 10_000; // a beat so late was not late: the computer slept
const USELESS = 3; // sockets in a row that say nothing, while the server answers: then none passes

export class LiveSocket {
  #url;
  #socket = null;
  #listeners = new Map();
  #tries = 0;
  #retryTimer;
  #quietTimer;
  #waiting = [];
  #lastBeat = Date.now();
  #said = false; // by this socket, anything
  #useless = 0;
  #requests = null;
  #answers;
  #follow;
  state = "connecting"; // connecting | live | reconnecting
  asks = false; // no socket passes: whatever is to be said is asked by requests

  /** `answers()` resolves when the server answers a request; `follow(tell)` resolves to what tells by requests what a
      socket would, {subscribe(ids), probe(), stop()}, where there is something to hear. */
  constructor(url, answers = health, follow = async () => null) {
    this.#url = url;
    this.#answers = answers;
    this.#follow = follow;
  }

  /** Connect, and stay connected from now on. */
  start() {
    this.#open();
    addEventListener("online", () => this.probe());
    addEventListener("pageshow", (event) => event.persisted && this.probe());
    document.addEventListener("visibilitychange", () => document.hidden || this.probe());
    setInterval(() => this.#beat(), BEAT_MS);
  }

  #beat() {
    const slept = Date.now() - this.#lastBeat > SLEPT_MS;
    this.#lastBeat = Date.now();
    if (slept) this.probe();
  }

  /** Hear an event of the server, or "state" with this connection's new state. Returns how to stop. */
  on(event, listener) {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set.add(listener));
    return () => set.delete(listener);
  }

  /** Send a message; false when there is no live connection to send it on. */
  send(event, data = {}) {
    if (this.asks && event === "subscribe") this.#requests?.subscribe(data.task_ids);
    if (this.asks || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ event, data }));
    return true;
  }

  /** Resolves when the connection is live, which may be at once. */
  whenOpen() {
    if (this.state === "live") return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Find out at once whether the connection is alive; reconnect at once if not. */
  probe() {
    this.#requests?.probe();
    if (this.#socket?.readyState === WebSocket.OPEN) this.#ping(PROBE_WITHIN_MS);
    else if (this.#socket?.readyState !== WebSocket.CONNECTING) this.#open();
  }

  #open() {
    clearTimeout(this.#retryTimer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#said = false;
    socket.onmessage = ({ data }) => socket === this.#socket && this.#receive(data);
    socket.onclose = () => socket === this.#socket && this.#lost();
    this.#expect(ANSWER_WITHIN_MS * 2);
  }

  #receive(text) {
    this.#expectNothing();
    this.#useless = 0;
    this.#said = true;
    if (this.asks) this.#stopAsking();
    const message = parsed(text);
    if (message.event === "snapshot") this.#tries = 0;
    if (message.event === "bye") this.#become("reconnecting");
    this.#tell(message.event, message.data ?? {});
    if (message.event === "snapshot") this.#live();
  }

  #live() {
    this.#become("live");
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #lost() {
    clearTimeout(this.#quietTimer);
    this.#socket.onclose = null;
    this.#socket.close();
    if (!this.asks) {
      if (!this.#said) this.#doubt();
      this.#become(this.state === "connecting" ? "connecting" : "reconnecting");
      this.#tell("lost", { tries: this.#tries });
    }
    this.#retryTimer = setTimeout(() => this.#open(), (this.asks ? returnDelay : retryDelay)(this.#tries));
    this.#tries += 1;
  }

  // Where no socket passes

  /* A server that answers nothing is away, and no proxy's fault. */
  async #doubt() {
    const answered = await this.#answers().then(() => true, () => false);
    if (this.asks || this.state === "live") return;
    this.#useless = answered ? this.#useless + 1 : 0;
    if (this.#useless >= USELESS) await this.#ask();
  }

  async #ask() {
    this.asks = true;
    this.#tries = 0;
    try {
      this.#requests = await this.#follow(this.#hear);
    } catch {
      this.asks = false; // that part of the page could not be loaded: the next useless socket tries again
      return;
    }
    if (!this.asks) this.#requests?.stop(); // a socket has passed meanwhile
    else if (!this.#requests) this.#live();
    this.#tell("asks", { asks: this.asks });
  }

  #hear = (event, data) => {
    if (event === "unanswered" && this.state === "live") this.#become("reconnecting");
    this.#tell(event, data);
    if (event !== "snapshot" && event !== "followed") return;
    if (this.state === "reconnecting") this.probe(); // what has changed may let sockets pass
    this.#live();
  };

  #stopAsking() {
    this.asks = false;
    this.#requests?.stop();
    this.#requests = null;
    this.#tell("asks", { asks: false });
  }

  #expectNothing() {
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => this.#ping(ANSWER_WITHIN_MS), PING_AFTER_MS);
  }

  #ping(within) {
    this.send("ping");
    this.#expect(within);
  }

  #expect(within) {
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => this.#lost(), within);
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.#tell("state", state);
  }

  #tell(event, data) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(data);
  }
}

function parsed(text) {
  try {
    const message = JSON.parse(text);
    return message && typeof message.event === "string" ? message : {};
  } catch {
    return {};
  }
}
