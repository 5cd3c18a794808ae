/* Owns the list of what failed lately: why, and what the model had printed in each of its runs. */

import { arrange, element, setHidden, setText } from "../element.js";
import { explain } from "../words/words.js";

export class Failures {
  #rows = new Map(); // by task

  constructor({ words, at }) {
    Object.assign(this, { at, words: words.admin.failures, all: words });
    this.none = element("p.soft", {}, this.words.none);
    this.list = element("ol.failures", {});
    this.element = element("section.sheet", { "aria-labelledby": "failures-title" },
      element("h2", { id: "failures-title" }, this.words.title), this.none, this.list);
  }

  update(failures) {
    setHidden(this.none, failures.length > 0);
    const kept = new Map(failures.map((each) => [each.task_id, this.#rows.get(each.task_id) ?? this.#row(each)]));
    this.#rows = kept;
    arrange(this.list, [...kept.values()]);
  }

  #row({ task_id, name, finished_at, error, runs, whose }) {
    const { words, all } = this;
    const said = runs.map(({ run, lines }) => [element("p.soft", {}, words.run(run)),
      element("pre", { tabindex: "0", "aria-label": all.actions.of(words.run(run), name) }, lines.join("\n"))]).flat();
    const when = all.dated(this.at(finished_at));
    return element("li", { "data-task": task_id },
      element("p.row", {}, element("span.name", { dir: "auto" }, name || all.card.unnamed), element("span.soft", {}, `${when} · ${all.admin.line.whose(whose)}`)),
      element("p.why", {}, element("code", {}, error.code), ` ${explain(error, all)}`),
      said.length ? element("details", {}, element("summary", {}, words.printed), ...said) : element("p.soft", {}, words.nothing));
  }
}
