/* Owns one opened view of a video: its ticket, its key, its encrypted pieces.
   Leaves decrypting and playing to player.js, and how a key is kept from others' eyes to exchange.js.
   The danger is the key: it is told once, so a lost answer means a new view. */

import { offline, ours, parsed, Problem, problemOf } from "../connection/api.js";

const WITHIN_MS = 15_000;
const KEY_WITHIN_MS = 5_000;

export class View {
  /** Open a view at `/…/view`, of the video that is `asked` for where there are several; its pieces lie beside it, at
      `/…/video`. Throws a Problem. */
  static async open(viewUrl, signal, asked) {
    const answer = await request(viewUrl, { method: "POST", headers: ours, body: asked && JSON.stringify(asked) }, signal);
    return new View(parsed(await answer.text()), viewUrl, signal);
  }

  constructor({ ticket, kid, codec, without_eme, label, ...video }, viewUrl, signal) {
    Object.assign(this, { ticket, kid, codec, label, mayBePage: without_eme });
    this.#know(video);
    this.viewUrl = viewUrl;
    this.videoUrl = viewUrl.replace(/view$/, "video");
    this.signal = signal;
  }

  #know({ size, seconds, segments, complete }) {
    Object.assign(this, { seconds, complete });
    this.starts = segments.map(([start]) => start);
    this.edges = [...segments.map(([, edge]) => edge), size];
  }

  /** Know what there is of the video by now: while it is being made it grows, and what was known stays true. */
  async look() {
    const options = { method: "POST", headers: ours, body: JSON.stringify({ ticket: this.ticket }) };
    this.#know(parsed(await (await request(this.viewUrl, options, this.signal)).text()));
  }

  /** The initialization segment and the first media segment, in one request. */
  async head() {
    const bytes = await this.#bytes(0, this.edges[1]);
    return [bytes.slice(0, this.edges[0]), bytes.slice(this.edges[0])];
  }

  /** The media segment that begins at `starts[index]`. */
  segment(index) {
    return this.#bytes(this.edges[index], this.edges[index + 1]);
  }

  /** The last second of the media segment, exclusive. */
  end(index) {
    return this.starts[index + 1] ?? this.seconds;
  }

  /** The key, 16 bytes, by a new exchange. Can be had once. */
  async key(socket, exchange) {
    const { public: ours } = exchange;
    return exchange.unwrap(this.ticket, await this.#askForKey(socket, { ticket: this.ticket, public: ours }));
  }

  /** What the server answers when it is asked for the key; by a request where no socket passes. */
  async #askForKey(socket, question) {
    await socket.whenOpen();
    return socket.asks ? this.#request(question) : this.#message(socket, question);
  }

  async #request(question) {
    const options = { method: "POST", headers: ours, body: JSON.stringify(question) };
    const answer = await request(`${this.viewUrl}/key`, options, this.signal);
    return parsed(await answer.text());
  }

  #message(socket, question) {
    let stopListening;
    const answer = new Promise((resolve, reject) => {
      const stops = [
        socket.on("view_key", (data) => data.kid === this.kid && resolve(data)),
        socket.on("error", (data) => data.ticket === this.ticket && reject(new Problem(data))),
      ];
      const timer = setTimeout(() => reject(offline()), KEY_WITHIN_MS);
      stopListening = () => [clearTimeout(timer), ...stops.map((stop) => stop())];
      if (!socket.send("view_key", question)) reject(offline());
    });
    return answer.finally(stopListening);
  }

  async #bytes(from, to) {
    const headers = { "X-Leyline-Ticket": this.ticket, Range: `bytes=${from}-${to - 1}` };
    const answer = await request(this.videoUrl, { headers }, this.signal);
    return new Uint8Array(await answer.arrayBuffer());
  }
}

async function request(url, options, signal) {
  const either = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
  const answer = await fetch(url, { ...options, signal: either }).catch(() => {
    throw offline();
  });
  if (!answer.ok) throw problemOf(answer.status, await answer.text(), answer.headers.get("Retry-After"));
  return answer;
}
