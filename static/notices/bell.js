/* Owns telling somebody who looks elsewhere: a message of the browser and a short sound when a video is done.
   Nothing is asked for, and nothing sounds, before the person's own click. */

import { pageUrl } from "../connection/api.js";
import { element, icon, setAttribute, setText } from "../element.js";
import { keep, kept } from "../kept.js";
import { nameOf } from "../words/words.js";

const BELL = "M12 3a6 6 0 0 0-6 6v4l-2 4h16l-2-4V9a6 6 0 0 0-6-6zM10 19a2 2 0 0 0 4 0z";

export const wasOn = () => kept("bell") === "on";

export class Bell {
  #audio = null;
  #on = false;

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    this.text = element("span");
    this.element = element("button.bell", { type: "button", onclick: () => this.#toggle() }, icon(BELL), this.text);
  }

  update({ bell }) {
    this.#on = bell;
    setAttribute(this.element, "aria-pressed", String(bell));
    setText(this.text, bell ? this.words.bell.on : this.words.bell.off);
  }

  async #toggle() {
    const on = !this.#on;
    keep("bell", on ? "on" : "off");
    this.tell("bell", { on });
    if (!on) return;
    this.#chime(0.03);
    const allowed = "Notification" in window ? await Notification.requestPermission() : "denied";
    if (allowed !== "granted") this.tell("notice", { kind: "bell_denied" });
  }

  /** Tell of what has just finished, well or badly. */
  follow({ before, after }) {
    if (!after.bell || after.news === before.news) return;
    const ended = after.news.filter(({ kind }) => kind === "succeeded" || kind === "failed");
    if (!ended.length) return;
    this.#chime(0.12);
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    for (const { task } of ended.slice(-3)) this.#notify(task);
  }

  #notify(task) {
    const { bell } = this.words;
    const say = task.status === "succeeded" ? bell.title : bell.failedTitle;
    const { task_id: tag, image } = task;
    const notice = new Notification(say(nameOf({ task }, this.words)), { tag, icon: image.thumbnail_url });
    notice.onclick = () => {
      focus();
      location.hash = pageUrl(task.task_id).slice(1);
      notice.close();
    };
  }

  /* Two soft notes, a fifth apart. */
  #chime(volume) {
    this.#audio ??= new AudioContext();
    [[587.3, 0], [880, 0.14]].forEach(([pitch, delay]) => {
      const [note, level, at] = [this.#audio.createOscillator(), this.#audio.createGain(), this.#audio.currentTime + delay];
      note.frequency.value = pitch;
      level.gain.setValueAtTime(volume, at);
      level.gain.exponentialRampToValueAtTime(0.0001, at + 0.7);
      note.connect(level).connect(this.#audio.destination);
      note.start(at);
      note.stop(at + 0.7);
    });
  }
}
