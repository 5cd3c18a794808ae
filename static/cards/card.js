/* Owns one card on the page: its elements, made once, and filling them with what phrases.js says.
   Leaves what the buttons do to whom it tells of them, and playing to player.js.
   The danger is touching what has not changed: focus, playback and the layout must survive update(). */

import { element, icon, setAttribute, setHidden, setProperty, setText } from "../element.js";
import { came } from "../meant.js";
import { describe, shapeOf } from "./phrases.js";

const PLAY = "M8 5v14l11-7z";
const MORE = "M6 9l6 6 6-6";
const SIZES = "(max-width: 36rem) 5rem, 27rem"; // of a row, of a card
const TALL = 0.9; // for its height, a picture narrower than that has its words beside it
const CAN_PLAY = Boolean(globalThis.MediaSource ?? globalThis.ManagedMediaSource);
const ORDER = ["keep", "retry", "replace", "again", "changes", "theatre", "link", "pin", "unpin", "restore", "moving", "cancel", "delete", "purge"];
const DANGEROUS = new Set(["cancel", "delete", "purge"]); // the last: they have the end of the row to themselves
const CHANGED_MIND = { cancel: "keep", keep: "cancel" };

export class Card {
  #buttons = new Map();
  #player = null;
  #playable = false;
  #glimpsed = null; // the task whose small stills show what its video is
  #shownStill = null;
  #sharp = null;
  #unable = false; // this browser was found to play no such videos
  #open = false; // on a narrow page a card is a row until somebody wants more of it
  #cutOff = null; // the task whose unfinished video was being watched when it came to nothing

  /** A button tells its action, with the card's newest {key, task, draft} and where it is `shown`. */
  constructor(key, words, tell) {
    Object.assign(this, { key, words, tell });
    this.#build();
  }

  #build() {
    const onerror = () => (this.still.srcset ? setAttribute(this.still, "srcset", null) : this.#noStill());
    const onload = () => this.#shapeAsSeen();
    this.still = element("img.card-still", { alt: "", decoding: "async", sizes: SIZES, hidden: true, onerror, onload });
    this.message = element("p.card-message", { id: `why-${this.key}`, hidden: true });
    const onclick = () => this.#pressed("play");
    this.play = element("button.card-play", { type: "button", hidden: true, onclick }, icon(PLAY));
    this.bar = element("div.card-bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, hidden: true });
    this.media = element("div.card-media", {}, this.still, this.message, this.play);
    this.name = element("h3.card-name", { id: `name-${this.key}`, tabindex: -1, dir: "auto" });
    this.status = element("p.card-status");
    this.percent = element("p.card-percent", { "aria-hidden": "true" });
    this.when = element("p.card-when");
    this.timeline = element("ol.card-timeline", { "aria-label": this.words.timeline.label });
    this.actions = element("div.card-actions");
    this.brief = element("p.card-brief");
    this.more = element("button.card-more", { type: "button", "aria-expanded": "false", onclick: () => this.unfold(!this.#open) }, icon(MORE));
    const head = element("div.card-head", {}, this.name, this.percent);
    const words = element("div.card-words", {}, head, this.status, this.when, this.brief, this.timeline, this.actions, this.more);
    const named = { "aria-labelledby": `name-${this.key}`, id: `card-${this.key}` };
    this.element = element("article.card", named, this.media, this.bar, words);
  }

  /** Show this card's newest state; safe to call at any time, with the same or another one. */
  update(card, scene) {
    this.card = card;
    const told = describe(card, scene);
    setAttribute(this.element, "data-state", told.state);
    setAttribute(this.element, "data-stale", told.stale);
    setText(this.name, told.name);
    setAttribute(this.name, "title", told.name);
    setText(this.status, told.status);
    setAttribute(this.status, "title", told.status);
    setText(this.when, told.when);
    setText(this.brief, told.brief ?? (told.message || told.when));
    setAttribute(this.more, "aria-label", this.words.actions.of(this.words.actions[this.#open ? "shut" : "open"], told.name));
    this.#updatePlay(told);
    this.#updateMessage(told);
    this.#updateProgress(told);
    this.#updateStill(told);
    this.#updateTimeline(told.timeline);
    this.#updateParameters(told, scene);
    this.#updateActions(told);
  }

  #updateMessage({ message, state }) {
    const cutOff = this.#cutOff !== null && this.#cutOff === this.card.task?.task_id && state !== "trashed";
    const said = message || (cutOff ? this.words.problems.view_ended : "");
    setText(this.message, said);
    setHidden(this.message, !said);
  }

  /* A bar without a value is one of which nobody knows how far it is. */
  #updateProgress({ percent, busy, name, stale }) {
    setHidden(this.bar, percent === null && !busy);
    setText(this.percent, percent === null ? "" : this.words.title.percent(percent));
    setAttribute(this.bar, "data-busy", busy);
    setAttribute(this.bar, "aria-valuenow", stale || busy ? null : percent);
    setAttribute(this.bar, "aria-label", this.words.card.progress(name));
    setProperty(this.bar, "--part", (percent ?? 0) / 100);
  }

  /* Made once it is known what parameters there are. */
  #updateParameters({ name }, { parameters }) {
    if (!parameters) return;
    this.parameters ??= new parameters.Shown(this.words, (action) => this.#pressed(action));
    if (!this.parameters.element.parentNode) this.actions.before(this.parameters.element);
    this.parameters.update(this.card, name, parameters);
  }

  /* The next still takes the place of the last only once it can be drawn: no flash, no gap. */
  #updateStill({ still, sharp, alt }) {
    setAttribute(this.still, "alt", alt);
    setAttribute(this.still, "loading", sharp ? "lazy" : null); // those that nobody has scrolled to are not asked for
    if (sharp !== this.#sharp) setAttribute(this.still, "srcset", (this.#sharp = sharp));
    if (this.card.task?.image) this.#shape(this.card.task.image);
    if (still === this.#shownStill) return;
    this.#shownStill = still;
    if (!still) return this.#noStill();
    if (this.still.hidden) return this.#showStill(still);
    const next = new Image();
    next.src = still;
    next.decode().then(() => still === this.#shownStill && this.#showStill(still), () => {});
  }

  /* Of a picture that is on its way nobody else knows the shape. */
  #shapeAsSeen() {
    const { naturalWidth: width, naturalHeight: height } = this.still;
    if (!this.card.task && width) this.#shape({ width, height });
  }

  #shape(size) {
    const shape = shapeOf(size);
    setProperty(this.media, "--shape", shape.toFixed(4));
    setAttribute(this.element, "data-tall", shape < TALL);
  }

  #showStill(still) {
    this.still.src = still;
    setHidden(this.still, false);
  }

  #noStill() {
    this.still.removeAttribute("src");
    setHidden(this.still, true);
  }

  #updateTimeline(steps) {
    while (this.timeline.children.length > steps.length) this.timeline.lastElementChild.remove();
    while (this.timeline.children.length < steps.length) this.timeline.append(element("li"));
    steps.forEach(({ kind, text, seconds }, index) => {
      const item = this.timeline.children[index];
      setAttribute(item, "data-kind", kind);
      setText(item, text);
      setProperty(item, "--seconds", Math.round(seconds) || 1);
    });
  }

  #updateActions({ actions, name, message }) {
    for (const action of actions) if (!this.#buttons.has(action)) this.#addButton(action);
    for (const [action, button] of this.#buttons) {
      setAttribute(button, "aria-label", this.words.actions.of(this.words.actions[action], name));
      setAttribute(button, "aria-describedby", message ? this.message.id : null);
      this.#keepFocus(button, !actions.includes(action), actions.includes(CHANGED_MIND[action]) && CHANGED_MIND[action]);
    }
  }

  /* The second click of a double click was not meant for the button that has come to its place. */
  #addButton(action) {
    const onclick = ({ detail }) => detail < 2 && this.#pressed(action);
    const options = { type: "button", "data-action": action, "data-dangerous": DANGEROUS.has(action), hidden: true, onclick };
    const button = element("button.quiet", options, this.words.actions[action]);
    this.#buttons.set(action, button);
    const later = ORDER.slice(ORDER.indexOf(action) + 1).map((name) => this.#buttons.get(name));
    this.actions.insertBefore(button, later.find(Boolean) ?? null);
  }

  /* A button that goes while it has the focus hands it to the one that undoes it, else to its card's name, not to the
     page's start. */
  #keepFocus(button, hidden, undoing) {
    const focused = hidden && button === document.activeElement;
    if (button.hidden && !hidden) came(button);
    if (focused && undoing) setHidden(this.#buttons.get(undoing), false);
    setHidden(button, hidden);
    if (focused) (undoing ? this.#buttons.get(undoing) : this.name).focus({ preventScroll: true });
  }

  #updatePlay({ playable, segments, name }) {
    this.#playable = playable && (segments === Infinity || (CAN_PLAY && !this.#unable));
    if (this.#playable) this.#cutOff = null;
    else this.#cut();
    this.#player?.grown(segments);
    this.#glimpsed = segments === Infinity ? this.card.task.task_id : null;
    this.#offer();
    setAttribute(this.play, "aria-label", this.words.actions.of(this.words.actions.play, name));
  }

  /* What does not play can be played, and shows by its small stills what it is; not what plays. */
  #offer() {
    const plays = this.#player !== null;
    setHidden(this.play, !this.#playable || plays);
    setAttribute(this.media, "data-glimpses", plays ? null : this.#glimpsed);
  }

  /* What plays is over; if it was never finished, that is said in its place. */
  #cut() {
    if (!this.#player) return;
    const { task } = this.card;
    if (task?.status !== "succeeded") this.#cutOff = task?.task_id ?? null;
    if (this.#player.element.contains(document.activeElement)) this.name.focus({ preventScroll: true });
    this.close();
  }

  /** This browser cannot play what is shown: a video that is still being made is told by its stills, then. */
  unable() {
    this.#unable = true;
    if (this.card.task.status !== "processing") return;
    this.#playable = false;
    this.close();
  }

  /** Where the page is narrow: show all that there is of this card, or a row again. */
  unfold(open) {
    this.#open = open;
    setAttribute(this.element, "data-open", open);
    setAttribute(this.still, "sizes", open ? "(max-width: 36rem) 100vw, 27rem" : SIZES);
    setAttribute(this.more, "aria-expanded", String(open));
    const { actions } = this.words;
    setAttribute(this.more, "aria-label", actions.of(actions[open ? "shut" : "open"], this.name.textContent));
  }

  #pressed(action) {
    this.tell(action, { card: this.card, shown: this });
  }

  /** Put the player that `make` makes in the place of the still, unless there is one or this card is not seen; it is
      closed when its video or this card goes, from the page or behind a filter. */
  show(make) {
    if (this.#player || !this.element.isConnected) return;
    this.#player = make();
    this.unfold(true);
    this.media.append(this.#player.element);
    this.#player.focus();
    this.#offer();
  }

  /** Stop playing, if it plays. Safe to call twice. */
  close() {
    this.#player?.close();
    this.#player?.element.remove();
    this.#player = null;
    this.#offer();
  }

  focus() {
    this.name.focus();
  }
}
