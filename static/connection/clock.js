/* Owns the time as the server sees it, and how times and spans are written.
   Leaves ticking to app.js.
   The danger is a computer whose clock is wrong: a countdown to the server's time must use its clock. */

const SET_MS = 2000;

export class Clock {
  #offset;

  /** `millis` reads this computer's clock, which is `offset` milliseconds behind the server's. */
  constructor(millis = () => Date.now(), offset = 0) {
    this.millis = millis;
    this.#offset = offset;
  }

  /** The clock that goes by the server's time, an RFC 3339 text that has just arrived. */
  synced(serverTime) {
    const server = Date.parse(serverTime);
    return Number.isNaN(server) ? this : new Clock(this.millis, server - this.millis());
  }

  /** The clock that goes by the server's time where this one is no longer right, because either was set; else the same:
      how long a message took must not make a countdown stumble. */
  corrected(serverTime) {
    const set = Math.abs(Date.parse(serverTime) - this.now()) > SET_MS;
    return set ? this.synced(serverTime) : this;
  }

  /** Milliseconds since 1970, by the server's clock. */
  now() {
    return this.millis() + this.#offset;
  }

  /** The Date to show for a server's time: its moment on this computer's clock. */
  local(serverTime) {
    return new Date(Date.parse(serverTime) - this.#offset);
  }
}

/** A span as on a stopwatch: 0:30, 1:02, 2:05:09. */
export function stopwatch(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** How long until something in about `seconds`, as [count, unit]; unit is second, minute, hour or day. */
export function span(seconds) {
  if (seconds < 60) return [Math.max(0, Math.ceil(seconds)), "second"];
  if (seconds < 90 * 60) return [Math.round(seconds / 60), "minute"];
  if (seconds < 36 * 3600) return [Math.round(seconds / 3600), "hour"];
  return [Math.round(seconds / 86400), "day"];
}
