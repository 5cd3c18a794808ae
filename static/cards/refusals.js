/* Owns the list of files that were refused together, why each was, and what can be done with them. Leaves doing it to
   whom it tells. The danger is a folder of a thousand: only the first are listed, the rest is a number. */

import { element, setAttribute, setHidden, setText } from "../element.js";
import { mayBeTaken } from "../uploads/drafts.js";
import { briefly } from "../words/words.js";

const MOST_LISTED = 10;

export class Refusals {
  /** `pressed(action)` is called with retry or delete. */
  constructor(words, pressed) {
    this.words = words;
    this.list = element("ul.refusals", { role: "list" });
    this.more = element("p.refusals-more");
    const button = (action, text) => element("button.quiet", {
      type: "button", "data-action": action, "data-dangerous": action === "delete", onclick: ({ detail }) => detail < 2 && pressed(action),
    }, text);
    this.retry = button("retry", words.actions.retry);
    this.elements = [this.list, this.more, element("div.card-actions", {}, this.retry, button("delete", words.actions.dismiss))];
  }

  update(refused) {
    const { words } = this;
    const listed = refused.slice(0, MOST_LISTED);
    while (this.list.children.length > listed.length) this.list.lastElementChild.remove();
    while (this.list.children.length < listed.length) this.list.append(element("li", {}, element("span", { dir: "auto" }), element("span")));
    listed.forEach((draft, index) => {
      const [name, why] = this.list.children[index].children;
      setText(name, draft.name);
      setAttribute(name, "title", draft.name);
      setText(why, briefly(draft.problem, words));
    });
    const left = refused.length - listed.length;
    setText(this.more, left ? words.card.andMore(words.number(left)) : "");
    setHidden(this.more, !left);
    setHidden(this.retry, !refused.some(mayBeTaken));
  }
}
