/* Owns a form of what can be chosen: the largest field in view, the others behind a line that says how they stand.
   Leaves each field to fields.js, and keeping the values to whom it tells of them. */

import { element, setAttribute, setText } from "../element.js";
import { fieldFor } from "./fields.js";
import { changed, largest, told } from "./schema.js";

export class Form {
  /** `chosen(values)` is told what changes, as {name: value}; `id` begins the ids of its fields. */
  constructor(fields, { id, words, chosen, about = "", open = false }) {
    Object.assign(this, { fields, words, chosen });
    const large = largest(fields);
    const shown = fields.map((field) => [field.name, fieldFor(field, {
      id: `${id}-${field.name}`, words, large: field === large, chosen: (value) => chosen({ [field.name]: value }),
    })]);
    this.shown = new Map(shown);
    this.others = fields.filter((field) => field !== large);
    this.element = element("div.form", {}, ...(large ? [this.shown.get(large.name).element] : []));
    if (this.others.length) this.element.append(this.#disclosure(about, open));
  }

  #disclosure(about, open) {
    this.says = element("strong");
    this.reset = element("button.quiet", { type: "button", onclick: () => this.#reset() }, this.words.reset);
    this.panel = element("div.form-panel", {}, ...(about ? [element("p.form-about", { dir: "auto" }, about)] : []),
      element("div.form-fields", {}, ...this.others.map(({ name }) => this.shown.get(name).element)), this.reset);
    if (open) return this.panel;
    this.details = element("details.form-more", {}, element("summary", {}, `${this.words.next} `, this.says), this.panel);
    return this.details;
  }

  /* It goes while it has the focus: the first field takes it. */
  #reset() {
    this.shown.get(this.others[0].name).focus();
    this.chosen(Object.fromEntries(this.others.map(({ name, initial }) => [name, initial])));
  }

  /** Show these values, and these errors by the names of their fields. */
  show(values, errors = {}) {
    for (const [name, field] of this.shown) field.show(values[name], errors[name]);
    const differ = changed(this.others, values);
    if (this.reset) this.reset.disabled = !differ.length;
    if (this.says) setText(this.says, this.#summary(differ, values));
    setAttribute(this.element, "data-changed", differ.length > 0);
  }

  #summary(differ, values) {
    return differ.map((field) => told(field, values[field.name], this.words)).join(", ") || this.words.suggested;
  }

  /** Bring the first field that has an error to the person; the first of all where none has. */
  focus(errors = {}) {
    const name = this.fields.map((field) => field.name).find((each) => each in errors) ?? this.fields[0].name;
    if (this.details && this.others.some((field) => field.name === name)) this.details.open = true;
    this.shown.get(name).focus();
  }
}
