/* Owns how somebody who looks elsewhere is told: a message of the browser, and a short sound.
   Leaves when, and whether at all, to bell.js. */

import { nameOf } from "../words/words.js";

let audio = null;

/** A message of the browser that a task has ended; a click on it leads to its card. Phones want it of the page's
    worker, and what that shows of the same task by itself takes its place. */
export async function notify(task, words) {
  const say = task.status === "succeeded" ? words.bell.title : words.bell.failedTitle;
  const { task_id: tag, image } = task;
  const [text, options] = [say(nameOf({ task }, words)), { tag, lang: words.language, icon: image.thumbnail_url }];
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => null);
  if (worker?.active && (await shows(worker, text, options))) return;
  const notice = new Notification(text, options);
  notice.onclick = () => {
    focus();
    location.hash = task.task_id;
    notice.close();
  };
}

/* Whether it could. */
const shows = (worker, text, options) => worker.showNotification(text, options).then(() => true, () => false);

/** Two soft notes, a fifth apart. */
export function chime(volume) {
  audio ??= new AudioContext();
  [[587.3, 0], [880, 0.14]].forEach(([pitch, delay]) => {
    const [note, level, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + delay];
    note.frequency.value = pitch;
    level.gain.setValueAtTime(volume, at);
    level.gain.exponentialRampToValueAtTime(0.0001, at + 0.7);
    note.connect(level).connect(audio.destination);
    note.start(at);
    note.stop(at + 0.7);
  });
}
