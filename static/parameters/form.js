/* Owns a form of what can be chosen: the largest field in view, the others behind a line that says how they stand.
   Leaves each field to fields.js, which is loaded when the first is seen, and keeping the values to whom it tells. */

import { element, setAttribute, setText, styled } from "../element.js";
import { changed, fitting, largest, told } from "./schema.js";

let parts = null;

async function loaded() {
  parts ??= Promise.all([import("./fields.js"), styled("parameters/fields.css")]);
  try {
    return (await parts)[0];
  } catch (error) {
    parts = null; // the next who wants it tries again
    throw error;
  }
}

export class Form {
  #shown = new Map(); // fields that have been made, by name
  #values;
  #errors = {};
  #filled = null;

  /** `chosen(values)` is told what changes, as {name: value}, and `failed()` that the fields could not be loaded; `id`
      begins their ids. An `open` form has no line to be behind. */
  constructor(fields, { id, words, chosen, failed, about = "", open = false }) {
    Object.assign(this, { fields, id, words, chosen, failed, about });
    this.#values = fitting(fields);
    this.large = largest(fields);
    this.others = fields.filter((field) => field !== this.large);
    this.top = element("div.form-large", { hidden: !this.large });
    this.panel = element("div.form-panel");
    this.element = element("div.form", {}, this.top, open ? this.panel : this.#disclosure());
    if (open) this.#fill();
    else if (this.large) this.#load(() => this.#fillLarge());
  }

  #disclosure() {
    this.says = element("strong");
    const ontoggle = () => this.details.open && this.#fill();
    this.details = element("details.form-more", { hidden: !this.others.length, ontoggle },
      element("summary", {}, `${this.words.next} `, this.says), this.panel);
    return this.details;
  }

  /* Resolves when all fields are there. */
  #fill() {
    this.#filled ??= this.#load(() => {
      this.#fillLarge();
      this.#fillPanel();
    });
    return this.#filled;
  }

  async #load(use) {
    try {
      this.kinds = await loaded();
    } catch (error) {
      this.#filled = null;
      if (this.details) this.details.open = false;
      this.failed();
      throw error;
    }
    use();
    this.show(this.#values, this.#errors);
  }

  #fillLarge() {
    if (this.large && !this.#shown.has(this.large.name)) this.top.append(this.#add(this.large));
  }

  #fillPanel() {
    if (this.about) this.panel.append(element("p.form-about", { dir: "auto" }, this.about));
    this.reset = element("button.quiet", { type: "button", onclick: () => this.#reset() }, this.words.reset);
    this.panel.append(element("div.form-fields", {}, ...this.others.map((field) => this.#add(field))));
    if (this.others.length) this.panel.append(this.reset);
  }

  #add(field) {
    const chosen = (value) => this.chosen({ [field.name]: value });
    const large = field === this.large;
    const shown = this.kinds.fieldFor(field, { id: `${this.id}-${field.name}`, words: this.words, large, chosen });
    this.#shown.set(field.name, shown);
    return shown.element;
  }

  /* It goes while it has the focus: the first field takes it. */
  #reset() {
    this.#shown.get(this.others[0].name).focus();
    this.chosen(Object.fromEntries(this.others.map(({ name, initial }) => [name, initial])));
  }

  /** Show these values, and these errors by the names of their fields. */
  show(values, errors = {}) {
    [this.#values, this.#errors] = [values, errors];
    for (const [name, field] of this.#shown) field.show(values[name], errors[name]);
    const differ = changed(this.others, values);
    if (this.reset) this.reset.disabled = !differ.length;
    if (this.says) setText(this.says, this.#summary(differ, values));
    setAttribute(this.element, "data-changed", differ.length > 0);
  }

  #summary(differ, values) {
    return this.words.listed(differ.map((field) => told(field, values[field.name], this.words))) || this.words.suggested;
  }

  /** Bring the first field that has an error to the person; the first of all where none has. */
  async focus(errors = {}) {
    const field = this.fields.find(({ name }) => name in errors) ?? this.fields[0];
    if (this.details && field !== this.large) this.details.open = true;
    await this.#fill();
    this.#shown.get(field.name).focus();
  }
}
