/* Owns the dialog in which a command is connected to this page: the code that it shows, what asks under it, and the
   commands that are connected already.
   The danger is a code that somebody else has sent: so what asks is shown first, and from where, and nobody is asked
   to confirm what they have not seen. */

import { base, call, Problem } from "../connection/api.js";
import { arrange, element, setHidden, setText } from "../element.js";
import { explain } from "../words/words.js";

const LOGINS = `${base}/api/logins`;

export class Logins {
  #code = ""; // what was looked at, and may be confirmed
  #answering = false;

  constructor(words) {
    this.words = words;
    const { logins, actions } = words;
    const button = (name, text, onclick) => element(`button.${name}`, { type: "button", onclick }, text);
    this.said = element("p.said", { role: "status" });
    this.field = element("input.code", { id: "login-code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 20, required: true, "aria-describedby": "login-intro" });
    this.typing = element("form.login-typing", { onsubmit: (event) => this.#look(event) },
      element("label", { for: "login-code" }, logins.code), this.field,
      element("button.primary", { type: "submit" }, logins.look));
    this.who = element("p.login-who");
    this.asks = element("section.login-asks", { tabindex: -1, "aria-labelledby": "login-who", hidden: true },
      this.who, element("p", {}, logins.means),
      element("div.dialog-buttons", {},
        button("primary", logins.connect, () => this.#answer(() => this.#connect())),
        button("secondary", logins.refuse, () => this.#answer(() => this.#refuse()))));
    this.who.id = "login-who";
    this.list = element("ul.logins", { "aria-labelledby": "login-list" });
    this.none = element("p.none", {}, logins.none);
    this.element = element("dialog", { "aria-labelledby": "login-title" },
      element("h2", { id: "login-title" }, logins.title), element("p", { id: "login-intro" }, logins.intro),
      element("code.login-command", { dir: "ltr" }, `leyline login --url ${location.origin}${base}`),
      this.typing, this.asks, this.said,
      element("h3", { id: "login-list" }, logins.connected), this.list, this.none,
      element("div.dialog-buttons", {}, button("secondary", actions.close, () => this.element.close())));
  }

  /** Open the dialog; `clock` goes by the server's time. */
  open(clock) {
    this.clock = clock;
    this.#begin();
    arrange(this.list, []);
    setHidden(this.none, true);
    this.element.showModal();
    this.field.focus();
    return this.#try(() => this.#show());
  }

  #begin() {
    this.#code = this.field.value = "";
    this.#shows(this.typing);
    setText(this.said, "");
  }

  #shows(part) {
    for (const each of [this.typing, this.asks]) setHidden(each, each !== part);
  }

  async #try(what) {
    setText(this.said, "");
    try {
      await what();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.said.className = "wrong";
      setText(this.said, this.#why(problem));
      return false;
    }
    this.said.className = "said";
    return true;
  }

  #why(problem) {
    const { words } = this;
    if (problem.code === "offline") return words.toasts.offline;
    return words.language === "en" ? explain(problem, words) : (words.logins.problems[problem.code] ?? explain(problem, words));
  }

  async #look(event) {
    event.preventDefault();
    const code = this.field.value;
    const known = await this.#try(async () => {
      const { name, address, asked_at: at, expires_at: until } = await call("POST", `${LOGINS}/look`, { user_code: code });
      const [asked, ends] = [at, until].map((time) => this.words.time(this.clock.local(time)));
      setText(this.who, this.words.logins.asks(name, address, asked, ends));
    });
    if (!known) return this.field.select();
    this.#code = code;
    this.#shows(this.asks);
    this.asks.focus();
  }

  async #answer(what) {
    if (this.#answering) return; // a second click would find nobody who asks
    this.#answering = true;
    const done = await this.#try(what).finally(() => (this.#answering = false));
    if (!done) this.#shows(this.typing); // a code that is over is typed anew
    (this.typing.hidden ? this.asks : this.field).focus();
  }

  async #connect() {
    const { name } = await call("POST", LOGINS, { user_code: this.#code });
    this.#begin();
    await this.#show();
    setText(this.said, this.words.logins.done(name));
  }

  async #refuse() {
    await call("POST", `${LOGINS}/refuse`, { user_code: this.#code });
    this.#begin();
    setText(this.said, this.words.logins.refused);
  }

  async #show() {
    const { logins } = await call("GET", LOGINS);
    arrange(this.list, logins.map((login) => this.#row(login)));
    setHidden(this.none, logins.length > 0);
  }

  #row({ login_id: id, name, address, connected_at: since, used_at: used }) {
    const { logins, actions, dated } = this.words;
    const when = (time) => dated(this.clock.local(time));
    const onclick = () => this.#answer(() => this.#disconnect(id, name));
    return element("li", { "data-login": id },
      element("p.login-name", {}, name),
      element("p.login-about", {}, logins.about(address, when(since), used && when(used))),
      element("button.quiet", { type: "button", "aria-label": logins.disconnectName(name), "data-dangerous": true, onclick }, logins.disconnect));
  }

  async #disconnect(id, name) {
    await call("DELETE", `${LOGINS}/${id}`);
    await this.#show();
    setText(this.said, this.words.logins.ended(name));
  }
}
