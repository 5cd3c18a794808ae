/* Owns the operator's view of each model process, and how one is taken out of the line: first it is asked to finish what
   it has, and only then it can be told to go at once. The danger is a list that changes under a finger: rows are kept by
   name, so that a button stays where the focus is. */

import * as calls from "./calls.js";
import { arrange, element, setAttribute, setText } from "../element.js";

export class Models {
  #rows = new Map(); // by name

  constructor({ words, act }) {
    Object.assign(this, { words: words.admin.models, all: words, act });
    this.list = element("ul.facts.models", {});
    this.none = element("p.soft", {}, words.model.detail.none);
    this.element = element("section.sheet", { "aria-labelledby": "models-title" },
      element("h2", { id: "models-title" }, this.words.title), this.none, this.list);
  }

  update(models) {
    const kept = new Map(models.map((model) => [model.name, this.#rows.get(model.name) ?? new Model(this, model.name)]));
    models.forEach((model) => kept.get(model.name).update(model));
    arrange(this.list, [...kept.values()].map((row) => row.element));
    this.none.hidden = models.length > 0;
    this.#rows = kept;
  }
}

class Model {
  constructor(models, name) {
    Object.assign(this, { models, name, words: models.words });
    this.title = element("span.name", { dir: "auto" });
    this.facts = element("span.soft", {});
    this.button = element("button.quiet", { type: "button", onclick: () => this.#take() });
    this.element = element("li", {}, element("p.row", {}, this.title, element("span.buttons", {}, this.button)), this.facts);
  }

  update({ machine, state, detail, draining, runs, failures, restarts }) {
    const { words, name } = this;
    const { all } = this.models;
    this.draining = draining;
    const shown = machine && machine !== name ? words.at(name, machine) : name;
    setText(this.title, shown);
    setText(this.facts, [[all.model[state] ?? state, detail].filter(Boolean).join(": "), draining && words.draining,
      words.runs(runs), failures && words.failures(failures),
      restarts && words.restarts(restarts)].filter(Boolean).join(" · "));
    setAttribute(this.element, "data-kind", restarts && state === "ready" ? "some" : state);
    setText(this.button, draining ? words.letGo : words.drain);
    setAttribute(this.button, "aria-label", all.actions.of(this.button.textContent, shown));
  }

  #take() {
    const { words, name, draining } = this;
    this.models.act(() => (draining ? calls.letGo(name) : calls.drain(name)), (draining ? words.gone : words.goes)(name));
  }
}
