/* Owns the dialog of one video's viewing links: make, copy, list with their counts, revoke. */

import * as api from "../connection/api.js";
import { arrange, element, setHidden, setText } from "../element.js";
import { explain, nameOf } from "../words/words.js";

const DAY_SECONDS = 86_400;

export class Links {
  #urls = new Map(); // by link id: an address is told once, when its link is made

  constructor(words) {
    this.words = words;
    const { links, actions } = words;
    this.title = element("h2", { id: "links-title" });
    this.list = element("ul.links");
    this.none = element("p.none", {}, links.none);
    this.said = element("p.said", { role: "status" });
    this.name = element("input", { id: "link-label", maxlength: 80, autocomplete: "off" });
    this.burn = element("input", { id: "link-burn", type: "checkbox", disabled: true });
    this.name.oninput = () => this.#mayBurn();
    this.days = element("input", { id: "link-days", type: "number", min: 1, max: 366, value: 7, required: true });
    this.most = element("input", { id: "link-views", type: "number", min: 1, max: 1e6 });
    this.make = element("button.primary", { type: "submit" }, links.make);
    const close = element("button.secondary", { type: "button", onclick: () => this.element.close() }, actions.close);
    this.form = element("form", { onsubmit: (event) => this.#submit(event) },
      ...this.#named(this.name, links.label), element("p.switch", {}, ...this.#named(this.burn, links.burn).reverse()),
      ...this.#named(this.days, links.days), ...this.#named(this.most, links.most),
      this.said,
      element("div.dialog-buttons", {}, this.make, close));
    this.element = element("dialog", { "aria-labelledby": "links-title" },
      this.title, element("p", {}, links.intro), this.list, this.none, this.form);
  }

  #named(field, name) {
    return [element("label", { for: field.id }, name), field];
  }

  /* What is burned in is what it says there. */
  #mayBurn() {
    this.burn.disabled = !this.name.value.trim();
    if (this.burn.disabled) this.burn.checked = false;
  }

  /** Open the dialog for this task; `clock` goes by the server's time. */
  open(task, clock) {
    Object.assign(this, { task, clock });
    this.title.textContent = this.words.links.title(nameOf({ task }, this.words));
    arrange(this.list, []);
    this.element.showModal();
    return this.#try(() => this.#show());
  }

  async #try(what) {
    setText(this.said, "");
    try {
      await what();
    } catch (problem) {
      if (!(problem instanceof api.Problem)) throw problem;
      setText(this.said, explain(problem, this.words));
    }
  }

  async #show() {
    const { links } = await api.links(this.task.task_id);
    const rows = links.filter(({ state }) => state !== "revoked").map((link) => this.#row(link));
    arrange(this.list, rows);
    setHidden(this.none, rows.length > 0);
  }

  #submit(event) {
    event.preventDefault();
    return this.#try(() => this.#made());
  }

  async #made() {
    const link = await api.makeLink(this.task.task_id, {
      label: this.name.value.trim() || undefined,
      burn_label: this.burn.checked || undefined,
      seconds: this.days.valueAsNumber * DAY_SECONDS,
      max_views: this.most.valueAsNumber || undefined,
    });
    this.form.reset();
    this.#mayBurn();
    this.#urls.set(link.link_id, link.url);
    await this.#show();
    await this.#copy(this.list.querySelector(`[data-link="${CSS.escape(link.link_id)}"] input`));
  }

  #row(link) {
    const { words } = this;
    const url = this.#urls.get(link.link_id);
    const value = url ?? words.links.hidden;
    const field = element("input", { readonly: true, "aria-label": words.links.address, value, disabled: !url });
    const copy = () => this.#copy(field);
    const revoke = () => this.#try(() => this.#revoke(link));
    return element("li", { "data-link": link.link_id }, field,
      element("button.quiet", { type: "button", disabled: !url, onclick: copy }, words.links.copy),
      element("button.quiet", { type: "button", onclick: revoke }, words.links.revoke),
      element("p", {}, this.#about(link)));
  }

  #about({ state, label, views, max_views: most, expires_at: until }) {
    const { links, dated } = this.words;
    const works = state === "open" ? links.until(dated(this.clock.local(until))) : links.ended;
    return [label, works, links.views(views, most)].filter(Boolean).join(", ");
  }

  async #revoke(link) {
    await api.revokeLink(this.task.task_id, link.link_id);
    await this.#show();
    this.make.focus();
  }

  /* On plain http there is no clipboard to write to: then the address is selected, ready to be copied. */
  async #copy(field) {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      setText(this.said, this.words.links.copied);
    } catch {
      field.focus();
    }
  }
}
