/* Owns the dialog in which the settings of one picture are changed and it is sent again: a task as a new one, a
   picture that was refused for them as itself.
   Leaves the form to form.js. */

import * as api from "../connection/api.js";
import { element, setText } from "../element.js";
import { explain, nameOf } from "../words/words.js";
import { Form } from "./form.js";
import { fitting } from "./schema.js";

export class Changes {
  constructor(words, tell, failed) {
    Object.assign(this, { words, tell, failed });
    const { parameters } = words;
    this.title = element("h2", { id: "changes-title" });
    this.place = element("div");
    this.wrong = element("p.wrong", { role: "alert" });
    this.send = element("button.primary", { type: "submit" }, parameters.send);
    const leave = element("button.secondary", { type: "button", onclick: () => this.element.close() }, parameters.leave);
    this.form = element("form", { novalidate: true, onsubmit: (event) => this.#submit(event) },
      this.title, this.place, this.wrong, element("div.dialog-buttons", {}, this.send, leave));
    this.element = element("dialog.changes", { "aria-labelledby": "changes-title" }, this.form);
  }

  /** Open it with the settings of this card's picture, and what is wrong with them. */
  open({ card, problem = card.draft?.problem }, fields) {
    const { task, draft } = card;
    const chosen = (values) => this.#show({ ...this.values, ...values });
    const { parameters: words } = this.words;
    Object.assign(this, { card, values: fitting(fields, (task ?? draft).parameters) });
    this.fields = new Form(fields, { id: "changes", words, chosen, failed: this.failed, open: true });
    this.place.replaceChildren(this.fields.element);
    setText(this.title, words.title(nameOf(card, this.words)));
    this.#refuse(problem);
    this.element.showModal();
    this.fields.focus(this.errors);
  }

  /* An error stands until its field has another value. */
  #show(values) {
    const still = ([name]) => values[name] === this.values[name];
    this.errors = Object.fromEntries(Object.entries(this.errors).filter(still));
    this.values = values;
    this.fields.show(values, this.errors);
  }

  #refuse(problem) {
    this.errors = problem?.fields ?? {};
    setText(this.wrong, problem ? explain(problem, this.words) : "");
    this.fields.show(this.values, this.errors);
  }

  async #submit(event) {
    event.preventDefault();
    this.send.disabled = true;
    try {
      await this.#sent();
      this.element.close();
    } catch (problem) {
      if (!(problem instanceof api.Problem)) throw problem;
      this.#refuse(problem);
      this.fields.focus(this.errors);
    } finally {
      this.send.disabled = false;
    }
  }

  async #sent() {
    const { card: { task, draft }, values } = this;
    if (!task) return this.tell("resend", { drafts: [{ ...draft, parameters: values }] });
    this.tell("task_status", await api.retry(task.task_id, values));
  }
}
