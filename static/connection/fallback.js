/* Owns finding out that no WebSocket passes here, and asking by requests until one does again.
   Leaves the sockets to socket.js, and the asking to requests.js.
   The danger is a server that is away: then no socket opens either, and that is no proxy's fault. */

const USELESS = 3; // sockets in a row that say nothing, while the server answers requests
const FIRST_RETURN_MS = 10_000;
const LONGEST_RETURN_MS = 5 * 60_000;

/** How long to wait before the nth try of a socket (from 0) where none has passed: doubling, at most 5 min. */
export const returnDelay = (tries, random = Math.random()) =>
  Math.min(LONGEST_RETURN_MS, FIRST_RETURN_MS * 2 ** tries) * (0.5 + random / 2);

export class Fallback {
  #useless = 0;
  #passed = 0; // how often a socket has said something
  asks = false;
  requests = null;
  delay = returnDelay;

  /** `answers()` resolves when the server answers a request, `follow(hear)` to what asks and tells `hear` what it is
      told. `hear("asks", {asks})` tells when that begins and ends. */
  constructor(answers, follow, hear) {
    Object.assign(this, { answers, follow, hear });
  }

  /** A socket has ended without a word. */
  async doubt() {
    const passed = this.#passed;
    const answered = await this.answers().then(() => true, () => false);
    if (this.asks || passed !== this.#passed) return;
    this.#useless = answered ? this.#useless + 1 : 0;
    if (this.#useless >= USELESS) await this.#begin();
  }

  /** A socket has said something. */
  passes() {
    this.#useless = 0;
    this.#passed += 1;
    if (!this.asks) return;
    this.asks = false;
    this.requests?.stop();
    this.requests = null;
    this.hear("asks", { asks: false });
  }

  async #begin() {
    this.asks = true;
    const requests = await this.follow(this.hear).catch(() => undefined);
    if (requests === undefined) this.asks = false; // not loaded: the next useless socket tries again
    else if (this.asks) this.requests = requests;
    else requests?.stop(); // a socket has passed meanwhile
    if (this.asks) this.hear("asks", { asks: true });
  }
}
