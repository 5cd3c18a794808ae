/* Owns how the theatre's video plays: once or for ever, how fast, on all of the screen, and the way to the picture over
   it. What was chosen holds for the next video too; whether for ever, in this browser.
   The danger is a speed that is lost where the player begins anew: an element goes back to its default one. */

import { element, setAttribute, setHidden } from "../element.js";
import { keep, kept } from "../kept.js";

const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const ONCE = "theatre-once";

export class Tools {
  #video = null;
  #loops = kept(ONCE) !== "once";

  /** `room` is what fills the screen: a dialog itself may not. */
  constructor(words, room, compare) {
    Object.assign(this, { room, compare });
    const { theatre } = words;
    const tool = (label, onclick) => element("button.theatre-tool", { type: "button", onclick }, label);
    this.over = tool(theatre.compare, () => compare.toggle());
    this.loop = tool(theatre.loop, () => this.#setLoop(!this.#loops));
    const digits = new Intl.NumberFormat(words.locale); // 1.25 is not 1.3
    const speeds = SPEEDS.map((speed) => element("option", { value: speed, selected: speed === 1 }, theatre.times(digits.format(speed))));
    this.speed = element("select", { onchange: () => this.#setSpeed() }, ...speeds);
    this.full = tool(theatre.full, () => this.#toggleFull());
    setHidden(this.full, !document.fullscreenEnabled);
    compare.onchange = (on) => setAttribute(this.over, "aria-pressed", String(on));
    compare.onchange(false);
    const label = element("label.theatre-speed", {}, element("span", {}, theatre.speed), this.speed);
    this.element = element("div.theatre-tools", {}, this.over, this.loop, label, this.full);
    document.addEventListener("fullscreenchange", () => setAttribute(this.full, "aria-pressed", String(document.fullscreenElement === room)));
    setAttribute(this.full, "aria-pressed", "false");
  }

  /** This video is the one that plays from now on. */
  take(video) {
    this.#video = video;
    video.controlsList?.add("nofullscreen"); // in which there is no other video, and nothing but it
    setHidden(this.over, false);
    this.#setLoop(this.#loops);
    this.#setSpeed();
  }

  /** It cannot be played here, so nothing can be laid over it. */
  unable() {
    this.compare.end();
    setHidden(this.over, true);
  }

  /** Pause it, or play on. */
  pause() {
    this.compare.end();
    if (this.#video.paused) this.#video.play().catch(() => {});
    else this.#video.pause();
  }

  #setLoop(on) {
    this.#loops = this.#video.loop = on;
    setAttribute(this.loop, "aria-pressed", String(on));
    keep(ONCE, on ? "" : "once");
  }

  #setSpeed() {
    this.#video.defaultPlaybackRate = this.#video.playbackRate = Number(this.speed.value);
  }

  #toggleFull() {
    const change = document.fullscreenElement ? document.exitFullscreen() : this.room.requestFullscreen();
    change.catch(() => {}); // who may not have it sees that it is not
  }
}
