/* Owns the drawing of the line: a bead for each waiting picture, one's own filled, the model at its end.
   Leaves the sentences to headlines.js.
   The danger is a line of a thousand: only the first beads are drawn, the rest is a number. */

import { element, elementWithRoom, setAttribute, setHidden, setProperty, setText } from "../element.js";
import { partsOf, waitingOf } from "../tasks/tasks.js";
import { lineSays, roomForLine } from "./headlines.js";
import { Now } from "./now.js";
import { roundOf } from "./round.js";

const MOST_BEADS = 40;

export class Line {
  #drawn = []; // the first is the next to go to the model

  constructor(words, tell) {
    this.words = words;
    const room = roomForLine(words);
    [this.headline, this.headlineSaid] = elementWithRoom("p.headline", room.headline);
    [this.detail, this.detailSaid] = elementWithRoom("p.detail", room.detail);
    [this.yours, this.yoursSaid] = elementWithRoom("p.yours", room.yours);
    this.more = element("span.line-more");
    this.next = element("i.bead", { "data-kind": "next" });
    this.beads = element("span.line-beads", {}, this.next, this.more);
    this.pillar = element("span.pillar", {}, element("i"));
    this.state = element("span.model-state");
    this.label = element("span.model-label", {}, words.model.label);
    this.model = element("p.model", {}, this.label, " ", this.state);
    this.now = new Now(words, tell);
    this.drawing = element("div.line", { role: "img" }, this.beads, this.pillar);
    this.#watchScrolling();
  }

  /* Once the line is out of sight, the head of the page says how the model is. */
  #watchScrolling() {
    const scrolled = ([{ isIntersecting }]) => setAttribute(document.documentElement, "data-scrolled", !isIntersecting);
    new IntersectionObserver(scrolled, { rootMargin: "-64px 0px 0px" }).observe(this.drawing);
  }

  /** Show the newest state of the line; safe to call at any time. */
  update(state) {
    const round = roundOf(state);
    const says = lineSays(state, round);
    setText(this.headlineSaid, says.headline);
    setText(this.detailSaid, says.detail);
    setText(this.yoursSaid, says.yours);
    setText(this.state, says.model.text);
    setHidden(this.label, Boolean(says.model.several));
    const model = says.model.several ? says.model.text : this.words.actions.of(this.words.model.label, says.model.text);
    this.now.update(state, round, { state: says.model.state, text: state.live ? model : says.headline });
    setAttribute(this.model, "data-state", says.model.state);
    setAttribute(this.drawing, "data-state", says.model.state);
    this.#draw(state);
  }

  #draw({ queue, model, tasks }) {
    const waiting = queue?.waiting ?? 0;
    const places = ownPlaces(tasks);
    setAttribute(this.drawing, "aria-label", this.words.line.drawing(waiting, places.size));
    setAttribute(this.drawing, "data-running", ownRunning(tasks) ? "own" : model?.state === "busy" ? "other" : null);
    const drawn = Math.min(waiting, MOST_BEADS);
    setHidden(this.more, waiting <= MOST_BEADS);
    setText(this.more, `+${this.words.number(Math.max(0, waiting - MOST_BEADS))}`);
    setProperty(this.beads, "--beads", drawn);
    for (const mark of [this.next, this.more]) setProperty(mark, "--place", drawn + 1);
    this.#count(drawn);
    this.#drawn.forEach((bead, index) => {
      setProperty(bead, "--place", index + 1);
      setAttribute(bead, "data-kind", places.has(index + 1) ? "own" : "other");
    });
  }

  /* Who leaves the line leaves at the model's end, and all behind move up: that is what the drawing shows. */
  #count(wanted) {
    for (const bead of this.#drawn.splice(0, Math.max(0, this.#drawn.length - wanted))) bead.remove();
    while (this.#drawn.length < wanted) {
      this.#drawn.push(element("i.bead"));
      this.beads.append(this.#drawn.at(-1));
    }
  }
}

const ownPlaces = (tasks) => new Set(waitingOf(tasks).map(({ queue }) => queue.position));

const ownRunning = (tasks) => partsOf(tasks).open.some(({ status }) => status === "processing");
