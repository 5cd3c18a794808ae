/* Owns knowing what finished while nobody was here: between two connections, or between two visits.
   Leaves telling it to app.js.
   The danger is a laptop that slept: what counts is when the server was last heard, not when that was noticed. */

const KEPT = "leyline.heard";

export class Visit {
  begun = false; // a first snapshot has come
  returned = false; // this page has been connected before
  #heard = read();

  constructor(clock) {
    this.clock = clock;
    addEventListener("pagehide", () => write(this.#heard));
  }

  /** The server was heard just now. */
  hear() {
    this.#heard = new Date(this.clock.now()).toISOString();
  }

  /** A snapshot has come: how many videos were finished since the server was last heard. */
  begin(tasks) {
    this.returned = this.begun;
    this.begun = true;
    const since = this.#heard;
    if (!since) return 0;
    return [...tasks.values()].filter(({ status, finished_at: time }) => status === "succeeded" && time > since).length;
  }
}

/* Storage may be forbidden; then only this page's own pauses are known. */
function read() {
  try {
    return localStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

function write(value) {
  try {
    localStorage.setItem(KEPT, value);
  } catch {
    // As above.
  }
}
