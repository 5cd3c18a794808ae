/* Owns the buttons with which somebody moves a waiting picture among their own places in line: those of one card at a
   time. Leaves the move itself to commands.js, and whether there is anything to move among to tasks.js.
   The danger is a button that goes while it has the focus: at an end it stays, and says that it does nothing there. */

import { element, setAttribute, setText } from "../element.js";
import { waitingOf } from "../tasks/tasks.js";

const WHITHER = ["first", "up", "down", "last"];

export class Moving {
  #shown = null; // the card
  #taskId = null;
  #heard = ""; // where it stood when that was told last

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    this.buttons = new Map(WHITHER.map((to) => [to, this.#button(to)]));
    this.among = element("span.moving-among", { "aria-hidden": "true" }, words.moving.among);
    this.said = element("span.unseen", { role: "status" });
    const onkeydown = (event) => void (event.key === "Escape" && this.#close(event)); // false would keep Enter from the buttons
    this.element = element("div.moving", { role: "group", onkeydown }, this.among, ...this.buttons.values(), this.said);
  }

  #button(to) {
    return element("button.quiet", { type: "button", "data-to": to, onclick: () => this.#press(to) }, this.words.moving[to]);
  }

  /** Show them in this card, or take them away where they are. */
  toggle({ card, shown }, state) {
    const again = this.#shown === shown && this.element.isConnected;
    this.#close();
    if (again) return;
    [this.#shown, this.#taskId, this.#heard] = [shown, card.task.task_id, ""];
    setText(this.said, "");
    shown.actions.after(this.element);
    this.#expand(true);
    this.update(state);
    this.#first()?.focus({ preventScroll: true });
  }

  /** Follow the picture to where it stands; they go when it waits no longer. */
  update({ tasks }) {
    if (!this.#shown) return;
    const own = waitingOf(tasks);
    const at = own.findIndex(({ task_id: id }) => id === this.#taskId);
    if (at < 0 || own.length < 2) return this.#close();
    const { image, queue } = own[at];
    for (const [to, button] of this.buttons) {
      const isThere = to === "first" || to === "up" ? at === 0 : at === own.length - 1;
      setAttribute(button, "aria-disabled", isThere ? "true" : null);
      setAttribute(button, "aria-label", this.words.actions.of(this.words.moving.to[to], image.name));
    }
    setAttribute(this.element, "aria-label", this.words.actions.of(this.words.actions.moving, image.name));
    if (isSettled(own)) this.#say(image.name, queue, at + 1, own.length);
  }

  /* Not what has always been so: only where it has come to. */
  #say(name, { position, size }, place, of) {
    const { words } = this;
    const stands = words.moving.stands(name, position, size, place, of);
    if (this.#heard && this.#heard !== stands) setText(this.said, stands);
    this.#heard = stands;
  }

  #press(to) {
    if (this.buttons.get(to).hasAttribute("aria-disabled")) return;
    this.tell("move", { card: this.#shown.card, to });
  }

  #first() {
    return [...this.buttons.values()].find((button) => !button.hasAttribute("aria-disabled"));
  }

  #expand(open) {
    setAttribute(this.#opener, "aria-expanded", String(open));
  }

  get #opener() {
    return this.#shown.element.querySelector('[data-action="moving"]');
  }

  #close(event) {
    if (!this.#shown) return;
    event?.stopPropagation();
    const hadFocus = this.element.contains(document.activeElement);
    const { name } = this.#shown;
    const opener = this.#opener;
    this.element.remove();
    this.#expand(false);
    this.#shown = null;
    if (hadFocus) (opener.hidden ? name : opener).focus({ preventScroll: true });
  }
}

/* Whether it is known of all where they stand: the others' places are told a moment after that of the one that moved. */
const isSettled = (own) => own.every(({ queue }, at) => at === 0 || queue.position > own[at - 1].queue.position);
