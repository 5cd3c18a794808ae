/* Owns the page's one live connection: opening it, keeping it, noticing when it is dead.
   Leaves what the messages mean to state.js, and what to do where no socket passes to fallback.js.
   The danger is a connection that looks open and is not (a laptop that slept, a Wi-Fi that left):
   silence is answered with a ping, and a ping without an answer within its time with a new connection. */

import { health } from "./api.js";

const PING_AFTER_MS = 20_000;
const ANSWER_WITHIN_MS = 5_000;
const PROBE_WITHIN_MS = 1_500;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
const BEAT_MS = 2_000;
const SLEPT_MS = 10_000; // a beat so late was not late: the computer slept, or its clock was set

/** How long to wait before the nth try (from 0): doubling, at most 5 s, half of it by chance. */
export function retryDelay(tries, random = Math.random()) {
  const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries);
  return longest * (0.5 + random / 2);
}

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
  #fallback = null; // loaded when a socket has been of no use
  #answers;
  #follow;
  state = "connecting"; // connecting | live | reconnecting

  /** Where no socket passes but `answers()` resolves, `follow(hear)` tells the same: {subscribe(ids), probe(), stop()}. */
  constructor(url, answers = health, follow = hearNothing) {
    this.#url = url;
    this.#answers = answers;
    this.#follow = follow;
  }

  /** Whether no socket passes, so that what it would tell is asked by requests. */
  get asks() {
    return Boolean(this.#fallback?.asks);
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
    const slept = Math.abs(Date.now() - this.#lastBeat) > SLEPT_MS;
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
    if (this.asks && event === "subscribe") this.#fallback.requests?.subscribe(data.task_ids);
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
    this.#fallback?.requests?.probe();
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
    this.#said = true;
    this.#fallback?.passes();
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
    if (!this.#said) this.#doubt();
    if (!this.asks) {
      this.#become(this.state === "connecting" ? "connecting" : "reconnecting");
      this.#tell("lost", { tries: this.#tries });
    }
    const delay = this.asks ? this.#fallback.delay : retryDelay;
    this.#retryTimer = setTimeout(() => this.#open(), delay(this.#tries));
    this.#tries += 1;
  }

  // Where no socket passes

  async #doubt() {
    const loaded = await import("./fallback.js").catch(() => null); // the server is away
    this.#fallback ??= loaded && new loaded.Fallback(this.#answers, this.#follow, (event, data) => this.#hear(event, data));
    await this.#fallback?.doubt();
  }

  #hear(event, data) {
    if (event === "unanswered" && this.state === "live") this.#become("reconnecting");
    if (event === "asks") this.#tries = 0;
    this.#tell(event, data);
    if (event !== "snapshot" && event !== "followed") return;
    if (this.state === "reconnecting") this.probe(); // what has changed may let sockets pass
    this.#live();
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

async function hearNothing(hear) {
  hear("snapshot", {});
  return { stop() {}, probe() {} };
}

function parsed(text) {
  try {
    const message = JSON.parse(text);
    return message && typeof message.event === "string" ? message : {};
  } catch {
    return {};
  }
}
