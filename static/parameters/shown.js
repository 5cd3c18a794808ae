/* Owns what a card says of the parameters of its picture: the prompt, then what differs from what the model suggests;
   all of it when it is opened, with what can be done with it.
   Leaves the words for a value to schema.js, and doing it to whom it tells. */

import { element, setAttribute, setHidden, setText } from "../element.js";
import { isFinished } from "../tasks/tasks.js";
import { changed, largest, told, valueOf } from "./schema.js";

export class Shown {
  #values = null;
  #fields = null;

  /** `pressed(action)` is called with settings or changes. */
  constructor(words, pressed) {
    Object.assign(this, { words });
    const say = words.parameters;
    this.prompt = element("span.card-prompt", { dir: "auto" });
    this.others = element("span.card-others");
    this.list = element("dl");
    const button = (action, text) => element("button.quiet", { type: "button", "data-action": action, onclick: () => pressed(action) }, text);
    this.settings = button("settings", say.copy);
    this.changes = button("changes", words.actions.changes);
    this.element = element("details.card-parameters", {}, element("summary", {}, this.prompt, this.others), this.list,
      element("div.card-settings", {}, this.settings, this.changes));
  }

  /** Show the parameters of this card's picture, called `name`. Until the model has begun with a picture that was chosen
      before there was a form, nobody knows them: then there is room for them, so that no button moves when they come. */
  update({ task, draft }, name, { fields }) {
    const values = task ? task.parameters : draft.parameters;
    const comes = !values && (task ? !isFinished(task) : draft.state !== "refused");
    setHidden(this.element, !values && !comes);
    setAttribute(this.element, "data-comes", comes);
    setHidden(this.changes, !task || !isFinished(task));
    if (!values || (values === this.#values && fields === this.#fields)) return;
    [this.#values, this.#fields] = [values, fields];
    this.#say(values, fields, name);
  }

  #say(values, fields, name) {
    const { parameters: words, actions } = this.words;
    const known = fields.filter((field) => field.name in values);
    const large = largest(known);
    const prompt = large ? values[large.name] : "";
    const differ = changed(known, values).filter((field) => field !== large && field.kind !== "seed");
    setText(this.prompt, prompt);
    setHidden(this.prompt, !prompt);
    setText(this.others, words.listed(differ.map((field) => told(field, values[field.name], words))) || (prompt ? "" : words.ownSuggested));
    this.list.replaceChildren(...this.#all(values, fields, large));
    this.settings.setAttribute("aria-label", actions.of(words.copy, name));
    this.changes.setAttribute("aria-label", actions.of(actions.changes, name));
  }

  /* What this model does not know by name is of one before it: it is told as it is. */
  #all(values, fields, large) {
    const byName = new Map(fields.map((field) => [field.name, field]));
    return Object.entries(values).filter(([name, value]) => name !== large?.name && value !== "").map(([name, value]) => {
      const field = byName.get(name);
      const text = field ? valueOf(field, value, this.words.parameters) : String(value ?? "–");
      return element("div", {}, element("dt", { dir: "auto" }, field?.title ?? name), element("dd", { dir: "auto" }, text));
    });
  }
}
