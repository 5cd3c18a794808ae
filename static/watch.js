/* Owns the page of a viewing link: one video, played when somebody asks for it, or why it is not.
   Leaves playing to player.js.
   The danger is a view spent by nobody: opening the page asks for no key, only pressing play does. */

import { Problem } from "./api.js";
import { element, icon } from "./element.js";
import { Player } from "./player.js";
import { LiveSocket } from "./socket.js";
import { explain, wordsFor } from "./words.js";

const PLAY = "M8 5v14l11-7z";
const words = wordsFor(navigator.languages);
const { title, play } = { title: "A video for you to watch", play: words.actions.play, ...words.watch };
const main = document.querySelector("main");
const address = location.pathname.replace("/watch/", "/api/watch/");
const { problem } = document.documentElement.dataset;

document.documentElement.lang = words.language;
document.title = `Leyline: ${title}`;
main.append(element("h1", {}, title));

if (problem) main.append(element("p.problem", { role: "status" }, explain(new Problem({ code: problem, ...over(problem) }), words)));
else offer();

/** The player's place, with a play button in it; the live connection is ready by the time it is pressed. */
function offer() {
  const socket = new LiveSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${address}/events`);
  const button = element("button.card-play", { type: "button", "aria-label": play, onclick: begin }, icon(PLAY));
  const place = element("div.card-media", {}, button);
  main.append(place);
  socket.start();

  function begin() {
    const player = new Player({ viewUrl: `${address}/view`, socket, label: title, words });
    place.replaceChildren(player.element);
    player.focus();
  }
}

function over(code) {
  const detail = {
    link_over: "This viewing link has ended. Ask the person who sent it for a new one.",
    not_found: "There is no such viewing link. Check that its address is complete.",
  };
  return { detail: detail[code] };
}
