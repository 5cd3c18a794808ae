/* Owns asking the operator for their token, and signing the browser out again. */

import * as calls from "./calls.js";
import { element, setAttribute, setText } from "../element.js";
import { explain } from "../words/words.js";

export class SignIn {
  /** `entered()` runs when the server has let this browser in. */
  constructor(words, entered) {
    Object.assign(this, { words, entered });
    const { title, label, enter, where } = words.admin.signIn;
    this.field = element("input", {
      type: "password", id: "token", autocomplete: "current-password", required: true, "aria-describedby": "token-where token-wrong",
    });
    this.wrong = element("p.wrong", { id: "token-wrong", role: "alert" });
    this.element = element("form.sheet.sign-in", { onsubmit: (event) => this.#enter(event) },
      element("h1", {}, title), element("p.soft", { id: "token-where" }, where),
      element("label", { for: "token" }, label), this.field, this.wrong,
      element("button.primary", { type: "submit" }, enter));
  }

  #why(problem) {
    if (problem.code === "offline") return this.words.toasts.offline;
    return problem.code === "operator_only" ? this.words.admin.signIn.wrong : explain(problem, this.words);
  }

  async #enter(event) {
    event.preventDefault();
    try {
      await calls.signIn(this.field.value);
    } catch (problem) {
      setText(this.wrong, this.#why(problem));
      setAttribute(this.field, "aria-invalid", "true");
      this.field.select();
      return;
    }
    this.field.value = "";
    setText(this.wrong, "");
    setAttribute(this.field, "aria-invalid", null);
    this.entered();
  }
}
