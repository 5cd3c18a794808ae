/* Owns what is a name and a value each: the people, and the settings in force. */

import { element, setText } from "../element.js";

class Facts {
  constructor(id, words, wide = false) {
    this.words = words;
    this.list = element("dl.facts", {});
    this.element = element(wide ? "section.sheet.wide" : "section.sheet", { "aria-labelledby": `${id}-title` },
      element("h2", { id: `${id}-title` }, words.title), this.list);
  }

  /** Show these as [name, value, kind]; nothing is touched where all is as it was. */
  facts(pairs) {
    const text = JSON.stringify(pairs);
    if (text === this.shown) return;
    this.shown = text;
    this.list.replaceChildren(...pairs.map(([name, value, kind]) =>
      element("div", { "data-kind": kind }, element("dt", {}, name), element("dd", {}, String(value)))));
  }
}

export class People extends Facts {
  constructor({ words }) {
    super("people", words.admin.people);
    this.all = words;
  }

  update({ sockets, views, views_lately, uploads, refusals }) {
    const { words, all } = this;
    const refused = Object.entries(refusals).map(([code, count]) => [words.refused(code), all.number(count), "refused"]);
    this.facts([
      [words.sockets, all.number(sockets)], [words.lately, all.number(views_lately)],
      [words.views, all.number(views)], [words.uploads, all.number(uploads)], ...refused,
    ]);
  }
}

export class Settings extends Facts {
  constructor({ words, at }) {
    super("settings", words.admin.settings, true);
    this.at = at;
    this.version = element("p.soft", {});
    this.list.before(this.version);
    this.all = words;
  }

  update(settings, { server }) {
    const { words, all } = this;
    setText(this.version, words.version(server.version, server.python, all.dated(this.at(server.started_at))));
    this.facts(settings.map(({ name, value, is_default }) => [name, value === "" ? "–" : value, is_default ? "default" : "own"]));
  }
}
