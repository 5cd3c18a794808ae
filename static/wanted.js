/* Owns the parts of the page that are loaded when they are first wanted: the player, the dialog of viewing links,
   the question for the access token, what asks the server for something to be done, and the form of what a model lets
   people choose. */

import { lineage } from "./cards/cards.js";
import { posterUrl } from "./cards/phrases.js";
import { model, trash } from "./connection/api.js";
import { styled } from "./element.js";
import { toClear } from "./state.js";

const COMMANDS = new Set(["cancel", "retry", "again", "delete", "clear", "restore", "purge", "undo"]);

export class Wanted {
  #asked = []; // before what obeys was there

  /** `place` is where the form of what can be chosen goes. */
  constructor(words, socket, place, tell) {
    Object.assign(this, { words, socket, place, tell });
    for (const event of ["pointerover", "focusin"]) addEventListener(event, ({ target }) => target.closest?.(".card-play, .now-play") && foresee());
  }

  follow(happened) {
    const { event, data, after } = happened;
    this.parameters?.follow(happened);
    if (after.model !== happened.before.model) this.#meet(after.model);
    if (this.commands) this.commands.follow(happened);
    else if (event === "leave") this.#asked.forEach(putAway);
    else if (isCommand(happened)) {
      this.#asked.push(happened);
      this.#load(import("./tasks/commands.js"), ({ Commands }) => this.#obey(Commands));
    }
    if (event === "play") this.#load(import("./watching/player.js"), ({ Player }) => this.#play(Player, data));
    if (event === "link") this.#load(this.#dialog("links", import("./watching/links.js")), ({ Links }) => this.#links(Links, data, after));
    if (data.problem?.code === "token_needed") {
      this.#load(this.#dialog("admission", import("./connection/admission.js")), ({ Admission }) => this.#ask(Admission));
    }
  }

  async #load(part, use) {
    try {
      use(await part);
    } catch (error) {
      this.tell("notice", { kind: "not_loaded" });
      throw error;
    }
  }

  /* A dialog with its words, and its looks. */
  async #dialog(room, part) {
    await Promise.all([part, this.words.room(room), styled("look/dialogs.css")]);
    return part;
  }

  #obey(Commands) {
    this.commands ??= new Commands(this.tell);
    for (; this.#asked.length; ) this.commands.follow(this.#asked.shift());
  }

  update(state) {
    this.parameters?.update(state);
  }

  /* What a model lets people choose is asked for once, and again when it is another. */
  async #meet({ schema: version }) {
    if (!version || version === this.met) return;
    this.met = version;
    try {
      const about = await model();
      if (version === this.met) await this.#know(about); // or it is another by now
    } catch {
      this.met = null; // the next word of the model asks again
    }
  }

  async #know(about) {
    if (this.parameters) this.parameters.know(about);
    else if (Object.keys(about.schema?.properties ?? {}).length) {
      const parts = [import("./parameters/parameters.js"), this.words.room("parameters"), styled("parameters/parameters.css")];
      const [{ Parameters }] = await Promise.all(parts);
      this.parameters ??= new Parameters(this.words, this.place, this.tell);
      this.parameters.know(about);
    }
  }

  #play(Player, { card: { task }, shown }) {
    const { name: label } = task.image;
    const poster = posterUrl(task.image);
    const onUnable = () => shown.unable();
    const { socket, words } = this;
    shown.show(() => new Player({ taskId: task.task_id, poster, label, socket, words, onUnable }));
  }

  #links(Links, { card: { task } }, { clock }) {
    this.links ??= onPage(new Links(this.words));
    this.links.open(task, clock);
  }

  #ask(Admission) {
    const admitted = () => {
      this.socket.probe();
      this.tell("admitted");
    };
    this.admission ??= onPage(new Admission(this.words, admitted));
    this.admission.ask();
  }
}

/* Who points at play will press it: what plays is there by then, and on plain http what decrypts. */
function foresee() {
  const parts = [import("./watching/player.js")];
  if (!crypto.subtle) parts.push(import("./watching/by_page.js").then(({ vendored }) => vendored()), import("./watching/cenc.js"));
  Promise.all(parts).catch(() => {}); // the press tells of it
}

/* Older cards are asked for by scrolling; an upload that was canceled may have been taken all the same. */
const isCommand = ({ event, before, after }) =>
  COMMANDS.has(event) || (after.listing && !before.listing) || after.aborted !== before.aborted;

/* Who asks for a deletion and leaves at once has asked for it. */
function putAway({ event, data, before }) {
  const put = { delete: () => [data.card], clear: () => before.filter !== "trash" && toClear(before) }[event]?.() || [];
  for (const { task } of put) if (task) for (const { task_id: id } of lineage(task, before.tasks)) trash(id);
}

function onPage(part) {
  document.body.append(part.element);
  return part;
}
