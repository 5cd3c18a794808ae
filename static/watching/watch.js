/* Owns the page of a viewing link: one video, played when somebody asks for it, or why it is not.
   Leaves playing to player.js.
   The danger is a view spent by nobody: opening the page asks for no key, only pressing play does. */

import { base, eventsUrl, Problem } from "../connection/api.js";
import { element, icon, setProperty } from "../element.js";
import { Player } from "./player.js";
import { LiveSocket } from "../connection/socket.js";
import { explain, wordsFor } from "../words/words.js";

const PLAY = "M8 5v14l11-7z";
const words = await wordsFor(navigator.languages);
await words.room("watch");
const address = `${base}/api/watch/${location.pathname.split("/").at(-1)}`;
const main = document.querySelector("main");
const { problem } = document.documentElement.dataset;

document.documentElement.lang = words.language;
const title = problem ? words.watch.none : words.watch.title;
document.title = `Leyline: ${title}`;
main.append(element("h1", {}, title));
if (problem) main.append(element("p", { role: "status" }, why(problem)));
else offer();

/** Why the link opens nothing, by the server's code. */
function why(code) {
  return code === "not_found" ? words.watch.unknown : explain(new Problem({ code }), words);
}

/** The player's place, with a play button in it; the live connection is ready by the time it is pressed. */
function offer() {
  const socket = new LiveSocket(eventsUrl(location, `${address}/`));
  const play = element("button.card-play", { type: "button", "aria-label": words.actions.play, onclick: begin }, icon(PLAY));
  const place = element("div.card-media", {}, element("div.map"), play);
  place.addEventListener("loadedmetadata", shape, { capture: true }); // such an event does not bubble
  main.append(place);
  socket.start();

  function begin() {
    const player = new Player({ viewUrl: `${address}/view`, socket, label: words.watch.title, words });
    place.replaceChildren(player.element);
    player.focus();
  }
}

/** Give the page's column the shape of its video. */
function shape({ target }) {
  setProperty(document.body, "--shape", `${target.videoWidth} / ${target.videoHeight}`);
}
