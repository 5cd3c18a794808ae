/* Owns telling somebody who looks elsewhere: a message of the browser and a short sound when a video is done.
   Nothing is asked for, and nothing sounds, before the person's own click. */

import { element, icon, setAttribute, setText } from "../element.js";
import { pageUrl } from "../connection/api.js";
import { nameOf } from "../words/words.js";

const BELL = "M12 3a6 6 0 0 0-6 6v4l-2 4h16l-2-4V9a6 6 0 0 0-6-6zM10 19a2 2 0 0 0 4 0z";
const KEPT = "leyline.bell";

export class Bell {
  #audio = null;

  constructor(words, tell) {
    this.words = words;
    this.tell = tell;
    this.text = element("span");
    this.element = element("button.bell", { type: "button", onclick: () => this.#toggle() }, icon(BELL), this.text);
    this.on = stored() === "on";
    this.#update();
  }

  #update() {
    setAttribute(this.element, "aria-pressed", String(this.on));
    setText(this.text, this.on ? this.words.bell.on : this.words.bell.off);
  }

  async #toggle() {
    this.on = !this.on;
    store(this.on ? "on" : "off");
    this.#update();
    if (!this.on) return;
    this.#chime(0.03);
    const allowed = "Notification" in window ? await Notification.requestPermission() : "denied";
    if (allowed !== "granted") this.tell(this.words.bell.denied);
  }

  /** These tasks have just finished, well or badly. */
  ring(tasks) {
    if (!this.on || !tasks.length) return;
    this.#chime(0.12);
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    for (const task of tasks.slice(-3)) this.#notify(task);
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

/* Storage may be forbidden; the bell then lasts as long as the page. */
function stored() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function store(value) {
  try {
    localStorage.setItem(KEPT, value);
  } catch {
    // As above.
  }
}
