/* Owns how one field is shown and set: its label, its control, its help, its error.
   Leaves which fields there are to schema.js, and what becomes of a value to form.js.
   The danger is writing into a field in which somebody types: a control that has the focus is left alone, unless
   its value was changed elsewhere. */

import { element, icon, setAttribute, setHidden, setText } from "../element.js";
import { lengthOf, nearest } from "./schema.js";

const DICE = "M5 4h14v16H5zM9 8h.01M15 8h.01M12 12h.01M9 16h.01M15 16h.01";
const MOST_SEGMENTS = 5;
const MOST_STEPS = 2000; // beyond, a slider cannot be set
const NEAR = 0.8; // of the longest text, from where on what is left is counted

/** A field's element, {element, show(value, error), focus()}. `chosen(value)` is called as its value changes; `id` is
    its own, `large` whether it is the one always in view. */
export function fieldFor(field, options) {
  const Kind = { text: Text, number: Numbers, seed: Seed, switch: Switch }[field.kind]
    ?? (field.choices.length > MOST_SEGMENTS ? Select : Segments);
  return new Kind(field, options).built();
}

class Field {
  constructor(field, { id, words, chosen, large = false }) {
    Object.assign(this, { field, id, words, chosen, large });
    this.help = element(large ? "p.unseen" : "p.field-help", { id: `${id}-help` }, field.help);
    this.error = element("p.field-error", { id: `${id}-error`, hidden: true });
    this.aside = element("span.field-aside");
    this.label = element("label.field-label", { for: id }, element("span", { dir: "auto" }, field.title), this.aside);
    this.element = element("div.field", { "data-kind": field.kind });
  }

  /* Not by the constructor: a kind's own private fields are there only after it. */
  built() {
    this.build();
    this.element.append(this.help, this.error);
    return this;
  }

  /* What every control carries. */
  get attributes() {
    return { id: this.id, "aria-describedby": `${this.id}-help` };
  }

  show(value, error = "") {
    setText(this.error, error);
    setHidden(this.error, !error);
    setAttribute(this.control, "aria-invalid", error ? "true" : null);
    setAttribute(this.control, "aria-describedby", error ? `${this.id}-error ${this.id}-help` : `${this.id}-help`);
    this.set(value);
  }

  focus() {
    (this.control.matches("fieldset") ? this.control.querySelector(":checked") : this.control).focus();
  }
}

class Text extends Field {
  build() {
    const { longest, lines, help } = this.field;
    const tag = lines > 1 || this.large ? "textarea" : "input";
    const rows = tag === "textarea" ? (this.large ? 3 : lines) : null;
    const placeholder = this.large ? help : null;
    const oninput = () => this.#typed();
    this.control = element(tag, { ...this.attributes, dir: "auto", rows, placeholder, oninput, autocomplete: "off" });
    setAttribute(this.control, "maxlength", 2 * longest); // it counts an emoji as two
    this.element.append(this.label, this.control);
  }

  #typed() {
    const characters = [...this.control.value];
    if (characters.length > this.field.longest) this.control.value = characters.slice(0, this.field.longest).join("");
    this.chosen(this.control.value);
  }

  set(text) {
    if (this.control.value !== text) this.control.value = text;
    const [length, { longest }] = [lengthOf(text), this.field];
    setText(this.aside, length >= NEAR * longest ? this.words.left(longest - length) : "");
  }
}

/* What is typed counts as it stands while it fits; what does not becomes the nearest that does, on leaving. */
class Numbers extends Field {
  #value = null;
  mayBeEmpty = false;

  build() {
    const { minimum, maximum, step, unit } = this.field;
    const limits = { min: minimum, max: maximum, step: step ?? "any" };
    const [oninput, onchange] = [() => this.#typed(), () => this.#left()];
    this.control = element("input", { type: "number", ...limits, ...this.attributes, oninput, onchange });
    this.row = element("div.field-row");
    if (this.slides) this.row.append(this.#slider(limits));
    this.row.append(this.control);
    if (unit) this.row.append(element("span.field-unit", {}, unit));
    this.element.append(this.label, this.row);
  }

  get slides() {
    const { minimum, maximum, step } = this.field;
    return !step || (maximum - minimum) / step <= MOST_STEPS;
  }

  #slider({ min, max, step }) {
    const fine = step === "any" ? 10 ** Math.floor(Math.log10((max - min || 1) / 20)) : step;
    const oninput = () => this.chosen(nearest(this.field, this.slider.valueAsNumber));
    this.slider = element("input", { type: "range", min, max, step: fine, "aria-label": this.field.title, oninput });
    return this.slider;
  }

  /* Whoever has emptied it is about to type. */
  #typed() {
    const typed = this.#number;
    if (typed === null ? this.mayBeEmpty && !this.control.validity.badInput : nearest(this.field, typed) === typed) this.chosen(typed);
  }

  #left() {
    const typed = this.#number;
    const value = typed === null ? this.field.initial : nearest(this.field, typed);
    this.#write(value);
    this.chosen(value);
  }

  /* What stands in it; null where there is no number. */
  get #number() {
    return Number.isNaN(this.control.valueAsNumber) ? null : this.control.valueAsNumber;
  }

  #write(value) {
    this.control.value = value ?? "";
  }

  set(value) {
    const typing = document.activeElement === this.control && value === this.#value;
    if (!typing && this.#number !== value) this.#write(value);
    this.#value = value;
    if (this.slider && this.slider.valueAsNumber !== value) this.slider.value = value;
  }
}

class Seed extends Numbers {
  mayBeEmpty = true;

  build() {
    super.build();
    setAttribute(this.control, "placeholder", this.words.anySeed);
    const onclick = () => [this.control.focus(), this.chosen(null)];
    this.dice = element("button.quiet.dice", { type: "button", "aria-label": this.words.newSeed, title: this.words.newSeed, onclick }, icon(DICE));
    this.row.append(this.dice);
  }

  get slides() {
    return false;
  }

  set(value) {
    super.set(value);
    this.dice.disabled = value === null;
  }
}

class Switch extends Field {
  build() {
    const onchange = () => this.chosen(this.control.checked);
    this.control = element("input", { type: "checkbox", ...this.attributes, onchange });
    this.element.append(element("div.field-row.switch-row", {}, this.control, this.label));
  }

  set(on) {
    this.control.checked = on;
  }
}

class Select extends Field {
  build() {
    const options = this.field.choices.map(({ value, label }) => element("option", { value }, label));
    const onchange = () => this.chosen(this.control.value);
    this.control = element("select", { ...this.attributes, onchange }, ...options);
    this.element.append(this.label, this.control);
  }

  set(value) {
    this.control.value = value;
  }
}

class Segments extends Field {
  build() {
    const name = this.id;
    this.radios = this.field.choices.map(({ value }, index) => element("input", {
      type: "radio", id: `${name}-${index}`, name, value, onchange: () => this.chosen(value),
    }));
    const labels = this.field.choices.map(({ label }, index) =>
      element("label.segment", { for: `${name}-${index}` }, this.radios[index], element("span", { dir: "auto" }, label)));
    const title = element("legend.field-label", { id: `${name}-title`, dir: "auto" }, this.field.title);
    this.control = element("fieldset", { ...this.attributes, role: "radiogroup", "aria-labelledby": title.id },
      title, element("div.segments", {}, ...labels));
    this.element.append(this.control);
  }

  set(value) {
    for (const radio of this.radios) radio.checked = radio.value === value;
  }
}
