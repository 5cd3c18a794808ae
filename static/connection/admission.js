/* Owns asking for the access token where the server has one: once, then the session is admitted. */

import * as api from "./api.js";
import { element, setAttribute, setText } from "../element.js";
import { explain } from "../words/words.js";

export class Admission {
  /** `admitted()` runs when the server has let this session in. */
  constructor(words, admitted) {
    Object.assign(this, { words, admitted });
    const { title, label, enter } = words.admission;
    this.field = element("input", {
      type: "password", id: "token", autocomplete: "current-password", required: true, "aria-describedby": "token-wrong",
    });
    this.wrong = element("p.wrong", { id: "token-wrong", role: "alert" });
    this.form = element("form", { onsubmit: (event) => this.#enter(event) },
      element("h2", { id: "token-title" }, title), element("label", { for: "token" }, label), this.field, this.wrong,
      element("div.dialog-buttons", {}, element("button.primary", { type: "submit" }, enter)));
    this.element = element("dialog", { "aria-labelledby": "token-title" }, this.form);
  }

  /** Ask, unless it is being asked already. */
  ask() {
    if (!this.element.open) this.element.showModal();
  }

  #why(problem) {
    if (problem.code === "offline") return this.words.toasts.offline;
    return problem.code === "token_needed" ? this.words.admission.wrong : explain(problem, this.words);
  }

  async #enter(event) {
    event.preventDefault();
    try {
      await api.admit(this.field.value);
    } catch (problem) {
      setText(this.wrong, this.#why(problem));
      setAttribute(this.field, "aria-invalid", "true");
      this.field.select();
      return;
    }
    this.element.close();
    this.admitted();
  }
}
