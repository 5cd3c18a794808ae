/* Owns the parts of the page that are loaded when they are first wanted: the player, the theatre, the small stills of a
   video, the wall, the dialog of viewing links, the question for the access token, the dialog in which a command is
   connected, what asks the server for something to be done, and the form of what a model lets people choose. */

import { cards, filtered, lineage } from "./cards/cards.js";
import { posterUrl } from "./cards/phrases.js";
import { cancel, model, trash } from "./connection/api.js";
import { styled } from "./element.js";
import { toClear } from "./state.js";

const COMMANDS = new Set(["cancel", "retry", "again", "delete", "clear", "restore", "purge", "undo", "pin", "unpin", "move"]);

export class Wanted {
  #asked = []; // before what obeys was there

  /** `place` is where the form of what can be chosen goes, `wallPlace` where the wall of videos does. */
  constructor(words, socket, place, wallPlace, tell) {
    Object.assign(this, { words, socket, place, wallPlace, tell });
    for (const event of ["pointerover", "focusin"]) addEventListener(event, (happened) => pointedAt(happened));
  }

  follow(happened) {
    const { event, data, after } = happened;
    this.parameters?.follow(happened);
    if (event === "search" && !this.wall) this.sought = happened;
    if (after.filter === "videos" && !this.coming) this.#load((this.coming = this.#withWall()), () => {});
    this.wall?.follow(happened);
    if (after.model !== happened.before.model) this.#meet(after.model);
    if (event === "snapshot" && after.snapshots === 1) this.#pocket();
    this.pocket?.then((phone) => phone?.follow(happened));
    if (this.commands) this.commands.follow(happened);
    else if (ends(happened)) this.#end(happened);
    else if (isCommand(happened)) {
      this.#asked.push(happened);
      this.#load(import("./tasks/commands.js"), ({ Commands }) => this.#obey(Commands));
    }
    if (event === "play") this.#load(import("./watching/player.js"), ({ Player }) => this.#play(Player, data));
    if (event === "theatre") this.#load(this.#room("theatre", import("./theatre/theatre.js"), "theatre/theatre.css"), ({ Theatre }) => this.#watch(Theatre, data, after));
    if (event === "link") this.#load(this.#dialog("links", import("./watching/links.js")), ({ Links }) => this.#links(Links, data, after));
    if (event === "moving") this.#load(this.#withMoving(), () => this.moving.toggle(data, after));
    if (event === "connect") this.#load(this.#dialog("logins", import("./logins/logins.js"), "logins/logins.css"), ({ Logins }) => this.#logins(Logins, after));
    if (data.problem?.code === "token_needed") {
      this.#load(this.#dialog("admission", import("./connection/admission.js")), ({ Admission }) => this.#ask(Admission));
    }
  }

  /* Nobody asked for it, and the page is whole without it. */
  #pocket() {
    this.pocket = import("./phone/phone.js").then(({ Phone }) => new Phone(this.words, this.tell), () => {});
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
  #dialog(room, part, ...looks) {
    return this.#room(room, part, "look/dialogs.css", ...looks);
  }

  async #room(room, part, ...looks) {
    await Promise.all([part, this.words.room(room), ...looks.map((path) => styled(path))]);
    return part;
  }

  #obey(Commands) {
    this.commands ??= new Commands(this.tell);
    for (; this.#asked.length; ) this.commands.follow(this.#asked.shift());
  }

  #end({ event, before }) {
    for (const id of before.graces.keys()) cancel(id).catch(() => {}); // nobody is there to be told
    if (event === "leave") this.#asked.forEach(putAway);
  }

  update(state) {
    this.pocket?.then((phone) => phone?.update(state));
    this.parameters?.update(state);
    this.wall?.update(state);
    this.theatre?.update(state);
    this.moving?.update(state);
  }

  async #withMoving() {
    const [{ Moving }] = await Promise.all([import("./moving/moving.js"), this.words.room("moving"), styled("moving/moving.css")]);
    this.words.problems = { ...this.words.problems, ...this.words.moving.problems };
    this.moving ??= new Moving(this.words, this.tell);
  }

  /* All of it, or else cards as anywhere. */
  async #withWall() {
    try {
      const [{ Wall }] = await Promise.all([import("./wall/wall.js"), this.words.room("wall"), styled("wall/wall.css")]);
      this.wall = new Wall(this.words, this.tell);
      this.wallPlace.replaceChildren(this.wall.element);
      this.wall.begin();
      if (this.sought) this.wall.follow(this.sought); // before there was a wall to look through
    } catch (error) {
      this.tell("wall", { wall: false });
      throw error;
    }
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

  /* A card's button names its card; the others are those that are shown with it. */
  #watch(Theatre, { card, id = card.task.task_id, ids }, state) {
    this.theatre ??= onPage(new Theatre(this.words, this.socket));
    this.theatre.open(id, ids ?? watchable(state), state);
  }

  /* Of one video, or of several in one link. */
  #links(Links, { card, tasks = [card.task] }, { clock }) {
    this.links ??= onPage(new Links(this.words));
    this.links.open(tasks, clock);
  }

  #logins(Logins, { clock }) {
    this.logins ??= onPage(new Logins(this.words));
    this.logins.open(clock);
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

function pointedAt(happened) {
  const at = (selector) => happened.target.closest?.(selector);
  if (at(".card-play, .now-play")) foresee();
  const place = at("[data-glimpses]");
  if (place) import("./cards/hover.js").then(({ stepThrough }) => stepThrough(place, happened), () => {});
}

/* Who points at play will press it: what plays is there by then. */
function foresee() {
  import("./watching/player.js").then((player) => player.foresee(), () => {}); // the press tells of it
}

/* The videos among the cards that are shown, in their order. */
const watchable = ({ tasks, filter }) =>
  filtered(cards(tasks), filter).filter(({ task }) => (task.video_url || task.watchable) && !task.trashed_at).map(({ task }) => task.task_id);

/* Older cards are asked for by scrolling; an upload that was canceled may have been taken all the same. */
const isCommand = ({ event, before, after }) =>
  COMMANDS.has(event) || (after.listing && !before.listing) || after.aborted !== before.aborted;

/* The page is not seen any more. */
const ends = ({ event, after }) => event === "leave" || (event === "looked" && after.hidden);

/* Who asks for a deletion and leaves at once has asked for it. */
function putAway({ event, data, before }) {
  const put = { delete: () => data.cards ?? [data.card], clear: () => before.filter !== "trash" && toClear(before) }[event]?.() || [];
  for (const { task } of put) if (task) for (const { task_id: id } of lineage(task, before.tasks)) trash(id);
}

function onPage(part) {
  document.body.append(part.element);
  return part;
}
