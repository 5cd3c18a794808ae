/* Owns the operator's view of the line: who runs, with what the model has printed, who waits, and what is commanded.
   Leaves the commands to calls.js. The danger is a list that changes under a finger: rows are kept by their task, so
   that a button stays where the focus is, and what it does is said with the picture's name. */

import * as calls from "./calls.js";
import { arrange, element, setAttribute, setHidden, setProperty, setText } from "../element.js";
import { stopwatch } from "../connection/clock.js";

export class Line {
  #rows = new Map(); // by task
  #tasks = [];

  constructor(scene) {
    const { words, act } = scene;
    Object.assign(this, { words: words.admin.line, all: words, act, scene });
    this.headline = element("p.headline", {});
    this.detail = element("p.detail", {});
    this.button = element("button.secondary", { type: "button", onclick: () => this.#toggle() });
    this.running = element("ol.running", {});
    this.waiting = element("ol.waiting", {});
    this.none = element("p.soft", {}, this.words.none);
    this.more = element("p.soft", {});
    this.element = element("section.sheet.wide", { "aria-labelledby": "line-title" },
      element("div.map"), element("div.head", {}, element("div", {}, element("h1.unseen", { id: "line-title" }, this.words.title),
        this.headline, this.detail), this.button),
      element("h2", {}, this.words.running), this.running,
      element("h2", {}, this.words.waiting), this.none, this.waiting, this.more);
  }

  /** A second has passed: how long each runs is told anew. */
  tick() {
    if (this.told) this.update(this.told);
  }

  update(line) {
    const { words } = this;
    this.told = line;
    this.paused = line.paused;
    this.isFair = line.order === "fair";
    setText(this.headline, line.paused ? words.paused : words.headline(line.waiting, line.running));
    setText(this.detail, this.#when(line));
    setText(this.button, line.paused ? words.resume : words.pause);
    setAttribute(this.element, "data-paused", line.paused);
    setAttribute(this.button, "class", line.paused ? "primary" : "secondary");
    this.#tasks = line.tasks;
    const running = line.tasks.filter(({ queue }) => !queue);
    const waiting = line.tasks.filter(({ queue }) => queue);
    const kept = new Map();
    const rowOf = (Kind) => (task, index, list) => {
      const known = this.#rows.get(task.task_id);
      const row = known instanceof Kind ? known : new Kind(this, task.task_id);
      kept.set(task.task_id, row);
      row.update(task, index, list);
      return row.element;
    };
    arrange(this.running, running.map(rowOf(Running)));
    arrange(this.waiting, waiting.map(rowOf(Waiting)));
    this.#rows = kept;
    setHidden(this.running.previousElementSibling, !running.length);
    setHidden(this.none, waiting.length > 0);
    const hidden = line.waiting - waiting.length;
    setText(this.more, hidden > 0 ? words.more(hidden) : "");
    setHidden(this.more, hidden <= 0);
  }

  /** Who waits before and behind this task. */
  around(taskId) {
    const waiting = this.#tasks.filter(({ queue }) => queue).map((task) => task.task_id);
    const at = waiting.indexOf(taskId);
    return { first: waiting[0], before: waiting[at - 1], behindNext: waiting[at + 2] ?? null };
  }

  #when(line) {
    const { words, all } = this;
    const limit = line.limit ? words.limit(line.limit) : "";
    const ready = line.ready_at ? words.ready(all.time(this.scene.at(line.ready_at))) : words.reasons[line.eta_reason] ?? "";
    return [words.each(all.number(line.run_seconds)), ready, limit, this.isFair && words.fair].filter(Boolean).join(" · ");
  }

  #toggle() {
    const { words, paused } = this;
    this.act(paused ? calls.resume : calls.pause, paused ? words.resumed : words.pausedNow);
  }
}

class Row {
  constructor(line, taskId) {
    Object.assign(this, { line, taskId, words: line.words });
    this.name = element("span.name", { dir: "auto" });
    this.facts = element("span.soft", {});
    this.cancel = this.button("cancel", () => calls.cancel(taskId), this.words.canceled);
  }

  /** A button whose name says for a screen reader what it is about. */
  button(action, work, done) {
    const dangerous = action === "cancel"; // rows move up under a pointer
    return element("button.quiet", { type: "button", "data-action": action, "data-dangerous": dangerous, onclick: () => this.line.act(work, done(this.name.textContent)) },
      this.words.actions[action]);
  }

  told(task) {
    setText(this.name, task.name || this.line.all.card.unnamed);
    for (const button of this.element.querySelectorAll("button")) {
      setAttribute(button, "aria-label", this.line.all.actions.of(button.textContent, this.name.textContent));
    }
  }
}

class Running extends Row {
  constructor(line, taskId) {
    super(line, taskId);
    this.bar = element("div.bar", { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 });
    this.lines = element("pre", { tabindex: "0" });
    this.said = element("details", {}, element("summary", {}, this.words.printed), this.lines);
    this.element = element("li.run", { "data-task": taskId },
      element("p.row", {}, this.name, this.facts, element("span.buttons", {}, this.cancel)), this.bar, this.said);
  }

  update(task) {
    const { words, line } = this;
    const percent = task.progress === null ? null : Math.floor(task.progress);
    const since = stopwatch((line.scene.clock.now() - Date.parse(task.started_at)) / 1000);
    const stage = line.all.stages[task.stage] ?? task.stage ?? line.all.stages.starting;
    const ready = task.eta ? words.readyAt(line.all.time(line.scene.at(task.eta.ready_at))) : "";
    const share = percent === null ? "" : line.all.title.percent(percent);
    setText(this.facts, [task.cancel_requested ? line.all.card.canceling : stage, share, words.since(line.all.digits(since)), ready,
      task.attempt > 1 && words.attempt(task.attempt), words.whose(task.whose)].filter(Boolean).join(" · "));
    setProperty(this.bar, "--share", (percent ?? 0) / 100);
    setAttribute(this.bar, "aria-valuenow", percent);
    setText(this.lines, task.lines.join("\n") || words.nothing);
    this.cancel.disabled = task.cancel_requested;
    this.told(task);
    setAttribute(this.bar, "aria-label", words.progress(this.name.textContent));
    setAttribute(this.lines, "aria-label", line.all.actions.of(words.printed, this.name.textContent));
  }
}

class Waiting extends Row {
  constructor(line, taskId) {
    super(line, taskId);
    this.place = element("span.place", {});
    const to = (before) => calls.move(taskId, before);
    this.moves = {
      first: this.button("first", () => to(line.around(taskId).first), this.words.moved),
      up: this.button("up", () => to(line.around(taskId).before), this.words.moved),
      down: this.button("down", () => to(line.around(taskId).behindNext), this.words.moved),
      last: this.button("last", () => to(null), this.words.moved),
    };
    this.element = element("li.wait", { "data-task": taskId }, this.place, element("span.what", {}, this.name, this.facts),
      element("span.buttons", {}, ...Object.values(this.moves), this.cancel));
  }

  update(task, index, list) {
    const { words, line } = this;
    setText(this.place, line.all.number(task.queue.position));
    const ready = task.eta ? words.readyAt(line.all.time(line.scene.at(task.eta.ready_at))) : "";
    setText(this.facts, [words.sent(line.all.lately(line.scene.at(task.created_at), new Date())), ready, words.whose(task.whose)].filter(Boolean).join(" · "));
    this.told(task);
    const isLast = task.queue.position === task.queue.size;
    for (const step of ["up", "down"]) setHidden(this.moves[step], line.isFair); // between two turns there is no place
    this.moves.first.disabled = this.moves.up.disabled = index === 0;
    this.moves.last.disabled = isLast;
    this.moves.down.disabled = isLast || index === list.length - 1;
  }
}
