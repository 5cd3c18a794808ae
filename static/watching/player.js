/* Owns playing one video that is to be watched and not taken: the element, its buffer, its messages.
   Leaves views and keys to view.js, decrypting to decryption.js, and what is still being made to growing.js.
   The danger is a clear file: the element's source is never anything but a MediaSource. */

import { base, Problem } from "../connection/api.js";
import { begin, decryptionFor } from "./decryption.js";
import { element, setAttribute, styled } from "../element.js";
import { makeReady, newExchange } from "./exchange.js";
import { loudness } from "./loudness.js";
import { View } from "./view.js";
import { explain } from "../words/words.js";

const AHEAD_SECONDS = 30;
const KEEP_BEHIND_SECONDS = 10;
const TRIES = 4;
const RETRY_MS = 500;
const LONGEST_WAIT_SECONDS = 30; // a copy that takes longer was tried in vain
const GUARD_MS = 100;
const LONGEST_FIRST_MS = 300;
const MICROSECOND = 1e-6; // what Chromium loses in rounding, which would make a video of 6 s one of 0:05
const Source = globalThis.MediaSource ?? globalThis.ManagedMediaSource;
const CHANGED = new Error("another video is wanted");
const NOT_HERE = ["unsupported", "eme_needed"]; // this browser plays no such video, however often it is tried

/** Somebody is about to press play: what that needs besides is made ready, on plain http what decrypts, too. */
export function foresee() {
  makeReady();
  if (!crypto.subtle) Promise.all([import("./by_page.js"), import("./cenc.js")]).catch(() => {}); // the press tells of it
}

export class Player {
  #video = element("video", { controlslist: "nodownload noremoteplayback" });
  #message = element("p.player-message", { role: "status" });
  #closing = new AbortController();
  #words;
  #viewUrl;
  #socket;
  #source;
  #buffer = null;
  #view = null;
  #decryption = null;
  #early = null; // what of it was begun before there was a view
  #running = null;
  #growing = null;
  #told = 0; // segments that there are by now, as far as somebody said so
  #onUnable;
  #asked; // which of several videos
  #loops;

  /** `element` shows the video with the browser's own controls, and begins to play at once. `socket` tells
      the key; `label` is the video's accessible name; `words` are the page's. `onUnable` is called where this browser
      cannot play it, which is said as well. Where the address leads to several videos, `asked` says which; `loops` tells
      whether what plays begins again at its end, else `onEnded` is called there. */
  constructor({ taskId, viewUrl = `${base}/api/video/${taskId}/view`, asked, poster, socket, label, words, onUnable = () => {}, loops = () => true, onEnded = () => {} }) {
    this.#loops = loops;
    this.#viewUrl = viewUrl;
    this.#asked = asked;
    this.#onUnable = onUnable;
    this.#socket = socket;
    this.#words = words;
    styled("watching/player.css").catch(() => {}); // without it, it plays all the same
    this.element = element("div.player", {}, this.#video, this.#message);
    this.#video.controls = this.#video.playsInline = this.#video.disableRemotePlayback = true;
    this.#video.addEventListener("ended", onEnded, { signal: this.#closing.signal });
    this.#present({ poster, label });
    loudness(this.#video, this.element);
    if (Source) this.#begin();
    else this.#fail(new Problem({ code: "unsupported" }));
  }

  /** The element that plays, for whoever sets how: faster, once, from its beginning. */
  get video() {
    return this.#video;
  }

  focus() {
    this.#video.focus();
  }

  /** There are so many segments of the video by now; Infinity for all of it. */
  grown(segments) {
    this.#told = segments;
    this.#video.dispatchEvent(new Event("grown"));
  }

  /** Play another of several in the same element, so that full screen goes on. */
  change({ asked, ...about }) {
    this.#asked = asked;
    this.#present(about);
    this.#running?.abort(CHANGED);
    this.#attach();
    this.#video.play().catch(() => {});
  }

  #present({ poster, label }) {
    setAttribute(this.#video, "aria-label", label);
    setAttribute(this.#video, "poster", poster);
    this.#video.loop = this.#loops();
  }

  /** Stop for good and let go of everything. Safe to call twice. */
  close() {
    this.#closing.abort();
    this.#video.removeAttribute("src");
    this.#video.load();
    this.element.remove();
  }

  #begin() {
    this.#attach();
    this.#video.addEventListener("play", () => this.#run(), { signal: this.#closing.signal });
    this.#video.play().catch(() => {}); // what went wrong is said by #fail
    if (!this.#video.paused) this.#run(); // it may play: of that the event tells only later
    const guarding = setInterval(() => this.#guard(), GUARD_MS); // no event tells of it
    this.#closing.signal.addEventListener("abort", () => clearInterval(guarding));
  }

  #attach() {
    this.#source = new Source();
    this.#buffer = null;
    const url = URL.createObjectURL(this.#source);
    this.#source.addEventListener("sourceopen", () => URL.revokeObjectURL(url), { once: true });
    this.#video.src = url;
  }

  async #run() {
    if (this.#running) return;
    this.#running = new AbortController();
    this.#message.textContent = "";
    try {
      await this.#retrying(() => this.#open());
      this.#message.textContent = "";
      await this.#seen();
      await this.#fill();
    } catch (error) {
      if (!this.#closing.signal.aborted && !this.#hasChanged) this.#fail(error);
    } finally {
      const goesOn = this.#hasChanged;
      this.#follow(null);
      this.#running = null;
      if (goesOn && !this.#closing.signal.aborted) this.#run();
    }
  }

  get #hasChanged() {
    return this.#running.signal.reason === CHANGED;
  }

  #fail(problem) {
    console.warn("The video stopped:", problem);
    if (this.#video.error || problem.code === "view_ended") this.#attach(); // what is in the buffer is worth nothing
    this.#video.pause();
    if (problem.code === "offline") this.#message.textContent = this.#words.toasts.offline;
    else if (problem.status || problem.code in this.#words.problems) {
      this.#message.textContent = explain(problem, this.#words);
    } else this.#say(problem.code in this.#words.player ? problem.code : "failed");
    if (NOT_HERE.includes(problem.code)) this.#onUnable();
  }

  #say(what) {
    this.#message.textContent = this.#words.player[what];
  }

  /* A new view, its key, and its first second in the buffer */

  async #open() {
    const exchange = newExchange(); // of which only the key has to wait
    exchange.catch(() => {}); // for where there is no view
    if (!this.#decryption) this.#early ??= begin(this.#video);
    const view = await View.open(this.#viewUrl, this.#closing.signal, this.#asked);
    this.#running.signal.throwIfAborted();
    const type = `video/mp4; codecs="${view.codec}"`;
    if (!Source.isTypeSupported(type)) throw new Problem({ code: "unsupported" });
    const decryption = this.#decryptionFor(type, view.mayBePage);
    if (!view.mayBePage) await decryption; // where it cannot be watched, no view is spent
    const [[init, first], key, growing, label] = await Promise.all([
      view.head(),
      exchange.then((pair) => view.key(this.#socket, pair)),
      view.complete ? null : import("./growing.js"),
      view.label ? import("./label.js") : null,
      decryption,
    ]);
    this.#running.signal.throwIfAborted();
    await this.#decryption.add(view.kid, key);
    this.#view = view;
    this.#follow(growing);
    label?.overlay(view.label, this.#video, this.#closing.signal);
    await this.#opened();
    this.#buffer ??= this.#source.addSourceBuffer(type);
    this.#buffer.timestampOffset = MICROSECOND;
    await this.#append(this.#decryption.init(init));
    if (!Number.isFinite(this.#source.duration)) this.#source.duration = view.seconds;
    await this.#append(await this.#decryption.segment(first));
  }

  /** Wait for the rest of the view's video, or not any more. */
  #follow(growing) {
    this.#growing?.stop();
    this.#growing = growing && new growing.Growing(this.#view, this.#video, this.#message, this.#words.player.rest);
  }

  async #decryptionFor(type, mayBePage) {
    this.#decryption ??= await decryptionFor(this.#video, type, mayBePage, this.#early);
  }

  /** Show nothing more once somebody has taken the keys off, to read the frames. */
  #guard() {
    if (this.#decryption?.holds() ?? true) return;
    this.#decryption = this.#early = null;
    this.#attach();
    this.#running?.abort(new Error("the video's keys were taken off"));
  }

  #opened() {
    if (this.#source.readyState !== "closed") return Promise.resolve();
    return this.#next(this.#source, "sourceopen");
  }

  /* The first frame, which what comes after it would hold up; where there is none, not for long. */
  async #seen() {
    if (this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) return;
    await Promise.race([this.#next(this.#video, "loadeddata"), this.#pause(LONGEST_FIRST_MS)]);
  }

  /* Filling the buffer ahead of where the person watches */

  async #fill() {
    for (let before = -1; ; ) {
      if (this.#growing?.hasChanged(this.#told)) await this.#retrying(() => this.#look());
      const index = this.#wanted();
      if (index === -1) {
        this.#finish();
        await this.#next(this.#video, "timeupdate", "seeking", "grown");
      } else if (index === before) {
        throw new Error("a segment that does not stay in the buffer");
      } else {
        const segment = await this.#decryption.segment(await this.#retrying(() => this.#segment(index)));
        this.#growing?.setClock();
        await this.#append(segment);
      }
      before = index;
    }
  }

  async #look() {
    this.#told = 0; // until there is news again
    await this.#withView(() => this.#view.look());
  }

  /** The first segment that will be needed soon and is not in the buffer, else -1. */
  #wanted() {
    const now = this.#video.currentTime;
    return this.#view.starts.findIndex(
      (start, index) => this.#view.end(index) > now && start < now + AHEAD_SECONDS && !this.#has(index),
    );
  }

  #has(index) {
    const middle = (this.#view.starts[index] + this.#view.end(index)) / 2;
    const { buffered } = this.#video;
    return Array.from(buffered, (_, i) => i).some((i) => buffered.start(i) <= middle && middle < buffered.end(i));
  }

  /** Without this the video would wait at its end instead of beginning again. */
  #finish() {
    if (!this.#view.complete) return;
    if (this.#source.readyState === "open" && this.#has(this.#view.starts.length - 1)) this.#source.endOfStream();
  }

  #segment(index) {
    return this.#withView(() => this.#view.segment(index));
  }

  async #withView(ask) {
    try {
      return await ask();
    } catch (problem) {
      if (problem.code !== "ticket_refused") throw problem;
      await this.#open(); // the view was over, as after a long pause
      return ask();
    }
  }

  async #append(bytes) {
    try {
      this.#buffer.appendBuffer(bytes);
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      await this.#makeRoom();
      this.#buffer.appendBuffer(bytes);
    }
    await this.#next(this.#buffer, "updateend");
    if (this.#video.error) throw new Error(this.#video.error.message);
  }

  async #makeRoom() {
    const { currentTime } = this.#video;
    if (currentTime <= KEEP_BEHIND_SECONDS) throw new Error("a video too large for this browser");
    this.#buffer.remove(0, currentTime - KEEP_BEHIND_SECONDS);
    await this.#next(this.#buffer, "updateend");
  }

  /** Try again where that may help: a server that does not answer, a key whose answer was lost. */
  async #retrying(work) {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (problem) {
        if (problem.code === "link_not_ready" && !(problem.retryAfter > LONGEST_WAIT_SECONDS)) {
          this.#say("preparing"); // until it is
          await this.#pause(1000 * (problem.retryAfter ?? 3));
          tries = 0;
          continue;
        }
        const again = problem.retryable || ["key_used", "ticket_refused"].includes(problem.code);
        if (!again || tries === TRIES || this.#closing.signal.aborted) throw problem;
        await this.#pause(RETRY_MS * 2 ** (tries - 1));
      }
    }
  }

  /* Ends with an error where the player was closed meanwhile. */
  async #pause(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#closing.signal.throwIfAborted();
    this.#running.signal.throwIfAborted();
  }

  /** The next of these events; rejects when the player is closed, or its view ended. */
  #next(target, ...events) {
    return new Promise((resolve, reject) => {
      const done = new AbortController();
      const over = AbortSignal.any([this.#closing.signal, this.#running.signal]);
      const signal = AbortSignal.any([done.signal, over]);
      over.addEventListener("abort", () => reject(over.reason), { signal: done.signal });
      for (const event of events) target.addEventListener(event, () => [done.abort(), resolve()], { signal });
    });
  }
}
