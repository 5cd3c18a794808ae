/* Owns the page of a viewing link: its videos, played when somebody asks for it, or why there are none.
   Leaves playing to player.js, and the list of several videos to reel.js.
   The danger is a view spent by nobody: opening the page asks for no key, only pressing play does. */

import { base, eventsUrl, Problem } from "../connection/api.js";
import { LiveSocket } from "../connection/socket.js";
import { element, icon, setProperty } from "../element.js";
import { tongues } from "../words/tongues.js";
import { explain, speak, wordsHere } from "../words/words.js";
import { foresee, Player } from "./player.js";
import { Reel } from "./reel.js";

const PLAY = "M8 5v14l11-7z";
const ASK_AGAIN_MS = 10_000; // while videos of the link are still being made
const OVER = [403, 404, 410]; // whatever else is answered, by whomever on the way, says nothing of the link
const address = `${base}/api/watch/${location.pathname.split("/").at(-1)}`;
const main = document.querySelector("main");
const { problem, link } = document.documentElement.dataset;
const words = await wordsHere();
await words.room("watch");

const heading = element("h1", { dir: "auto" });

/** Why the link opens nothing, by the server's code. */
function why(code) {
  return code === "not_found" ? words.watch.unknown : explain(new Problem({ code }), words);
}

const titleOf = (count) => (count > 1 ? words.watch.titleOfSeveral(count) : words.watch.title);

function title(text) {
  heading.textContent = text;
  document.title = `Leyline: ${text}`;
}

class Watch {
  #player = null;
  #current = null; // the number of the video in the place

  constructor(shown) {
    this.place = element("div.card-media");
    this.stage = element("div.stage", {}, this.place);
    this.coming = element("p.coming", { role: "status" });
    this.reel = new Reel(words.watch, (number, side) => this.still(number, side), (number) => this.play(number));
    main.append(heading, this.stage, this.reel.element, this.coming);
    this.socket = new LiveSocket(eventsUrl(location, `${address}/`)); // open by the time play is pressed
    this.socket.start();
    this.show(shown);
  }

  /** This is what the link shows by now. */
  show(shown) {
    this.shown = shown;
    const { message, videos, coming } = shown;
    title(message ?? (videos.length ? titleOf(videos.length + coming) : words.watch.waiting));
    this.stage.hidden = !videos.length;
    this.coming.textContent = coming ? words.watch[videos.length ? "more" : "coming"](coming) : "";
    this.#shape();
    if (this.#current === null && videos.length) this.#offer(videos[0].number);
    this.reel.show(shown, this.#current);
    if (coming) setTimeout(() => this.#ask(), ASK_AGAIN_MS);
  }

  /** The address of a video's still; null where its owner lets none be seen. */
  still(number, side) {
    return this.shown.poster === "none" ? null : `${address}/still?video=${number}&side=${side}`;
  }

  /* All that is wide fits the column, all that is high the stage, and each video has its own shape in it. */
  #shape() {
    const shapes = this.shown.videos.map(({ width, height }) => width / height);
    if (!shapes.length) return;
    setProperty(document.body, "--widest", Math.max(...shapes));
    setProperty(document.body, "--highest", Math.min(...shapes));
  }

  #turnTo(number) {
    const { width, height } = this.shown.videos.find((video) => video.number === number);
    this.#current = number;
    setProperty(this.place, "--shape", `${width} / ${height}`);
  }

  #offer(number) {
    this.#turnTo(number);
    const still = this.still(number, 1280);
    const play = element("button.card-play", { type: "button", "aria-label": words.actions.play, onpointerover: foresee, onclick: () => this.play(number) }, icon(PLAY));
    const before = still ? element("img.poster", { src: still, alt: "" }) : element("div.map");
    this.place.replaceChildren(before, play);
  }

  /** Play this video, in the same element as the one before: so full screen goes on. */
  play(number) {
    const { videos } = this.shown;
    this.#turnTo(number);
    this.reel.show(this.shown, number);
    const asked = { video: number };
    const about = { asked, poster: this.still(number, 1280), label: videos.length > 1 ? words.watch.place(this.reel.place, videos.length) : heading.textContent };
    if (this.#player) this.#player.change(about);
    else this.#begin(about);
  }

  #begin(about) {
    const onEnded = () => this.reel.next !== null && this.play(this.reel.next);
    this.#player = new Player({ viewUrl: `${address}/view`, socket: this.socket, words, loops: () => this.shown.videos.length === 1, onEnded, ...about });
    this.place.replaceChildren(this.#player.element);
    this.#player.focus();
  }

  async #ask() {
    if (!document.hidden) {
      const answer = await fetch(address, { signal: AbortSignal.timeout(ASK_AGAIN_MS) }).catch(() => null);
      const shown = answer?.ok && await answer.json().catch(() => null);
      if (shown) return this.show(shown);
      if (OVER.includes(answer?.status)) return;
    }
    setTimeout(() => this.#ask(), ASK_AGAIN_MS);
  }
}

speak(words);
document.querySelector(".masthead").append(tongues(words));
if (problem) {
  title(words.watch.none);
  main.append(heading, element("p", { role: "status" }, why(problem)));
} else new Watch(JSON.parse(link));
