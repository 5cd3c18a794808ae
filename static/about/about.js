/* Owns the page that says what becomes of pictures here: asking the server for what is in force, and showing it.
   Leaves what is said to told.js, and the words to its room.
   The danger is a sentence that is not true here: where the server does not answer nothing is said at all. */

import { base } from "../connection/api.js";
import { element } from "../element.js";
import { tongues } from "../words/tongues.js";
import { speak, wordsHere } from "../words/words.js";
import { told } from "./told.js";

const WITHIN_MS = 15_000;

const words = await wordsHere();
await words.room("about");
speak(words);
document.title = `Leyline: ${words.about.title}`;
document.querySelector(".masthead").append(element("a.quiet.home", { href: `${base}/` }, words.about.home), tongues(words));
const main = document.querySelector("main");
await show();

async function show(again) {
  const title = element("h1", { tabindex: -1 }, words.about.title);
  const about = await asked().catch(() => null);
  main.replaceChildren(title, ...(about ? all(about) : [failed()]));
  if (again) title.focus(); // the button that had it is gone
}

async function asked() {
  const answer = await fetch(`${base}/api/about`, { signal: AbortSignal.timeout(WITHIN_MS) });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

function all(about) {
  const sections = told(about, words.about, location);
  const links = sections.map(({ id, title }) => element("li", {}, element("a", { href: `#${id}` }, title)));
  return [element("nav", { "aria-label": words.about.contents }, element("ul", {}, ...links)), ...sections.map(section)];
}

function section({ id, title, says }) {
  const sentences = says.map((sentence) => element("li", {}, sentence));
  return element("section", { id, "aria-labelledby": `${id}-title` }, element("h2", { id: `${id}-title` }, title), element("ul", {}, ...sentences));
}

function failed() {
  const again = element("button.secondary", { type: "button", onclick: show }, words.about.again);
  return element("p.notice", { role: "alert" }, words.about.failed, " ", again);
}
