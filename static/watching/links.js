/* Owns the dialog of viewing links, of one video or of several in one: make, copy, list with their counts, revoke.
   Leaves what a visitor sees to the link's own page, watch.js. */

import * as api from "../connection/api.js";
import { arrange, element, setHidden, setText } from "../element.js";
import { explain, nameOf } from "../words/words.js";
import { PosterChoice } from "./poster.js";

const DAY_SECONDS = 86_400;

export class Links {
  #urls = new Map(); // by link id: an address is told once, when its link is made
  #making = false;

  constructor(words) {
    this.words = words;
    const { links, actions } = words;
    this.title = element("h2", { id: "links-title" });
    this.intro = element("p");
    this.earlier = element("h3.links-earlier", {}, links.earlier);
    this.list = element("ul.links");
    this.none = element("p.none", {}, links.none);
    this.said = element("p.said", { role: "status" });
    this.make = element("button.primary", { type: "submit" }, links.make);
    const close = element("button.secondary", { type: "button", onclick: () => this.element.close() }, actions.close);
    this.form = element("form", { onsubmit: (event) => this.#submit(event) },
      ...this.#fields(), this.said, element("div.dialog-buttons", {}, this.make, close));
    this.element = element("dialog", { "aria-labelledby": "links-title" },
      this.title, this.intro, this.earlier, this.list, this.none, this.form);
  }

  #fields() {
    const { links } = this.words;
    this.message = element("input", { id: "link-message", maxlength: 280, autocomplete: "off" });
    this.poster = new PosterChoice(links);
    this.name = element("input", { id: "link-label", maxlength: 80, autocomplete: "off" });
    this.burn = element("input", { id: "link-burn", type: "checkbox", disabled: true });
    this.name.oninput = () => this.#mayBurn();
    this.days = element("input", { id: "link-days", type: "number", min: 1, max: 366, value: 7, required: true });
    this.most = element("input", { id: "link-views", type: "number", min: 1, max: 1e6 });
    return [
      ...this.#named(this.message, links.message), this.poster.element,
      ...this.#named(this.name, links.label), element("p.switch", {}, ...this.#named(this.burn, links.burn).reverse()),
      ...this.#named(this.days, links.days), ...this.#named(this.most, links.most),
    ];
  }

  #named(field, name) {
    return [element("label", { for: field.id }, name), field];
  }

  /* What is burned in is what it says there. */
  #mayBurn() {
    this.burn.disabled = !this.name.value.trim();
    if (this.burn.disabled) this.burn.checked = false;
  }

  get #several() {
    return this.tasks.length > 1;
  }

  /** Open the dialog for the video of this task, or for those of all of these; `clock` goes by the server's time. */
  open(tasks, clock) {
    Object.assign(this, { tasks, clock });
    const { links } = this.words;
    const [first] = tasks;
    setText(this.title, this.#several ? links.titleOfSeveral(tasks.length) : links.title(nameOf({ task: first }, this.words)));
    setText(this.intro, this.#several ? links.introOfSeveral : links.intro);
    this.poster.of(first.image.thumbnail_url);
    arrange(this.list, []);
    setHidden(this.earlier, true);
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
    const { links } = this.#several ? await api.allLinks() : await api.links(this.tasks[0].task_id);
    const rows = links.filter(({ state, videos }) => state !== "revoked" && (!this.#several || videos > 1)).map((link) => this.#row(link));
    arrange(this.list, rows);
    setHidden(this.none, rows.length > 0 || this.#several);
    setHidden(this.earlier, !this.#several || !rows.length);
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#making) return; // a second click is no second link
    this.#making = true;
    await this.#try(() => this.#made(this.tasks)).finally(() => (this.#making = false));
  }

  async #made(tasks) {
    const options = {
      message: this.message.value.trim() || undefined,
      poster: this.poster.value,
      label: this.name.value.trim() || undefined,
      burn_label: this.burn.checked || undefined,
      seconds: this.days.valueAsNumber * DAY_SECONDS,
      max_views: this.most.valueAsNumber || undefined,
    };
    const ids = this.tasks.map(({ task_id }) => task_id);
    const link = await (this.#several ? api.share({ ...options, task_ids: ids }) : api.makeLink(ids[0], options));
    this.#urls.set(link.link_id, link.url);
    if (this.tasks !== tasks) return; // another video's links are looked at by now
    this.form.reset();
    this.#mayBurn();
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
      ...(url && navigator.share ? [element("button.quiet", { type: "button", "data-action": "share", onclick: () => this.#share(field) }, words.links.share)] : []),
      element("button.quiet", { type: "button", disabled: !url, onclick: copy }, words.links.copy),
      element("button.quiet", { type: "button", "data-dangerous": true, onclick: revoke }, words.links.revoke),
      element("p", {}, this.#about(link)));
  }

  #about({ state, label, message, videos, views, max_views: most, expires_at: until }) {
    const { links, dated } = this.words;
    const works = state === "open" ? links.until(dated(this.clock.local(until))) : links.ended;
    return this.words.listed([label ?? message, videos > 1 && links.shows(videos), works, links.views(views, most)]);
  }

  async #revoke(link) {
    if (this.#several) await api.revokeOwnLink(link.link_id);
    else await api.revokeLink(this.tasks[0].task_id, link.link_id);
    await this.#show();
    this.make.focus();
  }

  /* To whom, and by what, is the phone's to ask; where it cannot, the address is copied. */
  async #share(field) {
    try {
      await navigator.share({ url: field.value });
    } catch ({ name }) {
      if (name !== "AbortError") await this.#copy(field); // that is who thought better of it
    }
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
