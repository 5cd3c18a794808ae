/* Owns two small charts, of how long the last tasks waited and were at work, each with its numbers in a table.
   Leaves drawing to chart.js. */

import { Chart } from "./chart.js";
import { element, setHidden, setText } from "../element.js";

export class History {
  constructor({ words, at }) {
    Object.assign(this, { at, words: words.admin.history, all: words });
    this.waits = new Chart(this.words.waited, words.number, this.words.seconds);
    this.runs = new Chart(this.words.worked, words.number, this.words.seconds);
    this.none = element("p.soft", {}, this.words.none);
    this.body = element("tbody", {});
    const headings = this.words.columns.map((name) => element("th", { scope: "col" }, name));
    this.table = element("details", {}, element("summary", {}, this.words.table),
      element("div.scroll", { tabindex: "0", role: "region", "aria-label": this.words.table },
        element("table", {}, element("thead", {}, element("tr", {}, ...headings)), this.body)));
    this.element = element("section.sheet", { "aria-labelledby": "history-title" },
      element("h2", { id: "history-title" }, this.words.title), this.none,
      element("div.charts", {}, this.waits.element, this.runs.element), this.table);
  }

  update(history) {
    const { words, all } = this;
    setHidden(this.none, history.length > 0);
    setHidden(this.table, !history.length);
    this.waits.update(history.map(({ waited }) => waited));
    this.runs.update(history.filter(({ worked }) => worked !== null).map(({ worked }) => worked));
    const cell = (text) => element("td", {}, text);
    const span = (seconds) => (seconds === null ? "–" : words.span(all.number(seconds)));
    this.body.replaceChildren(...history.toReversed().map((each) => element("tr", {},
      cell(all.dated(this.at(each.finished_at))), cell(words.outcomes[each.status]), cell(span(each.waited)), cell(span(each.worked)))));
  }
}
