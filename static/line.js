/* Owns the drawing of the line: a bead for each waiting picture, one's own filled, the model at its end.
   Leaves the sentences to headlines.js.
   The danger is a line of a thousand: only the first beads are drawn, the rest is a number. */

import { element, setAttribute, setHidden, setText } from "./element.js";
import { isFinished } from "./tasks.js";
import { ahead, lineSays } from "./headlines.js";

const MOST_BEADS = 40;

export class Line {
  #first = null;

  constructor(words) {
    this.words = words;
    this.headline = element("p.headline");
    this.detail = element("p.detail");
    this.yours = element("p.yours");
    this.more = element("span.line-more");
    this.beads = element("span.line-beads", {}, this.more, element("i.bead", { "data-kind": "next" }));
    this.pillar = element("span.pillar", {}, element("i"));
    this.state = element("span.model-state");
    this.model = element("p.model", {}, element("span.model-label", {}, words.model.label), " ", this.state);
    this.drawing = element("div.line", { role: "img" }, this.beads, this.pillar);
  }

  /** Show the newest state of the line; safe to call at any time. */
  update(scene, tasks) {
    const says = lineSays(scene, tasks);
    setText(this.headline, says.headline);
    setText(this.detail, says.detail);
    setText(this.yours, says.yours);
    setText(this.state, says.model.text);
    setAttribute(this.model, "data-state", says.model.state);
    setAttribute(this.drawing, "data-state", says.model.state);
    this.#draw(scene, tasks);
  }

  #draw(scene, tasks) {
    const waiting = scene.queue?.waiting ?? 0;
    const places = ownPlaces(tasks);
    setAttribute(this.drawing, "aria-label", this.words.line.drawing(waiting, places.size));
    setAttribute(this.drawing, "data-running", ownRunning(tasks) ? "own" : ahead(scene) > waiting ? "other" : null);
    this.#count(Math.min(waiting, MOST_BEADS));
    setHidden(this.more, waiting <= MOST_BEADS);
    setText(this.more, `+${this.words.number(Math.max(0, waiting - MOST_BEADS))}`);
    [...this.#drawn()].reverse().forEach((bead, index) => {
      setAttribute(bead, "data-kind", places.has(index + 1) ? "own" : "other");
    });
    this.#advance(waiting);
  }

  #drawn() {
    return [...this.beads.children].slice(2);
  }

  #count(wanted) {
    while (this.#drawn().length > wanted) this.beads.lastElementChild.remove();
    while (this.#drawn().length < wanted) this.beads.append(element("i.bead"));
  }

  /* When the first has gone to the model, all move up by one place. */
  #advance(waiting) {
    if (this.#first !== null && waiting < this.#first) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (!still) this.beads.animate([{ translate: "-1rem 0" }, { translate: "0 0" }], { duration: 400, easing: "ease-out" });
    }
    this.#first = waiting;
  }
}

function ownPlaces(tasks) {
  const queued = [...tasks.values()].filter((task) => task.status === "queued" && task.queue);
  return new Set(queued.map((task) => task.queue.position));
}

const ownRunning = (tasks) => [...tasks.values()].some((task) => !isFinished(task) && task.status === "processing");
