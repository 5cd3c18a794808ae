/* Owns what may be chosen for the next pictures, and what was: the form above where pictures are chosen, remembered
   for each model, and what is copied to it from a card or changed in a dialog.
   Leaves the form to form.js, and the values themselves to state.js: a picture gets those of the moment in which it
   was chosen. It is loaded when a model is met that lets people choose.
   The danger is a value that no longer fits: what was remembered or copied is taken as far as it does. */

import { element, setHidden, setText, styled } from "../element.js";
import { keep, kept } from "../kept.js";
import { nameOf } from "../words/words.js";
import { Form } from "./form.js";
import { fieldsOf, fitting } from "./schema.js";
import { Shown } from "./shown.js";

const KEEP_AFTER_MS = 500; // each letter of a prompt is a change

export class Parameters {
  #model = null;
  #form = null;
  #keeping = null;

  /** `place` is the element where the form goes. */
  constructor(words, place, tell) {
    Object.assign(this, { words, place, tell });
  }

  /** This is what the model lets people choose, by `GET /api/model`: a form is made of it, or taken away. */
  know({ name, about, schema }) {
    this.#keep();
    this.#model = name;
    const fields = fieldsOf(schema);
    const chosen = (values) => this.tell("values", { values });
    const { failed, words: { parameters: words } } = this;
    this.#form = fields.length ? new Form(fields, { id: "next", words, chosen, failed, about }) : null;
    this.place.replaceChildren(...(this.#form ? [this.#form.element, this.#kept()] : []));
    const values = fitting(fields, remembered(name));
    this.tell("parameters", { parameters: this.#form && { fields, values, errors: {}, Shown } });
  }

  /* What is said of pictures that were refused for their values, and sends them with others. */
  #kept() {
    this.mend = element("p", {});
    this.resend = element("button.secondary", { type: "button", onclick: () => this.#resend() });
    this.refused = element("div.form-refused", { role: "alert", hidden: true }, this.mend, this.resend);
    return this.refused;
  }

  follow({ event, data, before, after }) {
    if (event === "leave") this.#keep();
    if (!after.parameters) return;
    this.state = after;
    if (after.parameters.values !== before.parameters?.values) this.#keepSoon();
    if (event === "settings") this.#copy(data.card);
    if (event === "changes") this.#change(data, after.parameters.fields);
    if (event === "not_sent" && isFirst(before, after)) this.#point(after);
  }

  update({ parameters, drafts }) {
    if (!parameters || !this.#form) return;
    this.#form.show(parameters.values, parameters.errors);
    const count = refusedFor(drafts).length;
    const { mend, resend } = this.words.parameters;
    setHidden(this.refused, count === 0);
    setText(this.mend, mend(count));
    setText(this.resend, resend(count));
  }

  /* The errors must be shown before the first can have the focus. */
  #point(state) {
    this.update(state);
    this.#form.focus(state.parameters.errors);
  }

  #copy(card) {
    const { fields, values } = this.state.parameters;
    this.tell("values", { values: fitting(fields, (card.task ?? card.draft).parameters) });
    const text = this.words.parameters.copied(nameOf(card, this.words));
    this.tell("notice", { kind: "said", text, undo: true, values });
  }

  async #change(data, fields) {
    const [part] = await Promise.all([import("./changes.js"), styled("look/dialogs.css")]).catch(() => []);
    if (!part) return this.failed();
    if (!this.changes) document.body.append((this.changes = new part.Changes(this.words, this.tell, this.failed)).element);
    this.changes.open(data, fields);
  }

  failed = () => this.tell("notice", { kind: "not_loaded" });

  #resend() {
    const { drafts, parameters } = this.state;
    this.#form.focus();
    this.tell("resend", { drafts: refusedFor(drafts).map((draft) => ({ ...draft, parameters: parameters.values })) });
  }

  // Remembering

  #keepSoon() {
    this.#keeping ??= setTimeout(() => this.#keep(), KEEP_AFTER_MS);
  }

  #keep() {
    if (this.#keeping === null) return;
    clearTimeout(this.#keeping);
    this.#keeping = null;
    keep(`parameters.${this.#model}`, JSON.stringify(this.state.parameters.values));
  }
}

function remembered(model) {
  try {
    return JSON.parse(kept(`parameters.${model}`));
  } catch {
    return {};
  }
}

const refusedFor = (drafts) =>
  [...drafts.values()].filter(({ state, problem }) => state === "refused" && problem?.code === "bad_parameters");

/* Others that were refused with it are no reason to take the focus again. */
const isFirst = (before, after) => refusedFor(after.drafts).length === 1 && refusedFor(before.drafts).length === 0;
