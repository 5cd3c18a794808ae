/* Owns the dialog that lists the keys, and turns those that are single letters off. */

import { element } from "../element.js";

const LIST = [
  ["arrows", ["←", "↑", "↓", "→"]], ["play", []], ["cancel", ["c"]], ["undo", ["z"]], ["search", ["/"]], ["help", ["?"]],
];

export class KeysDialog {
  /** `keys.on` is whether single keys are commands. */
  constructor(keys) {
    const { words: { keys: words, actions } } = keys;
    const row = ([name, caps]) => element("div", {},
      element("dt", {}, ...(caps.length ? caps : [words.space]).flatMap((cap) => [element("kbd", {}, cap), " "])), element("dd", {}, words[name]));
    this.switch = element("input", { id: "keys-on", type: "checkbox", onchange: ({ target }) => (keys.on = target.checked) });
    this.keys = keys;
    this.element = element("dialog.keys", { "aria-labelledby": "keys-title" },
      element("h2", { id: "keys-title" }, words.title), element("p", {}, words.intro),
      element("dl", {}, ...LIST.map(row)), element("p.keys-more", {}, words.more),
      element("p.switch", {}, this.switch, element("label", { for: "keys-on" }, words.on)),
      element("div.dialog-buttons", {}, element("button.primary", { type: "button", onclick: () => this.element.close() }, actions.close)));
  }

  open() {
    this.switch.checked = this.keys.on;
    this.element.showModal();
  }
}
