/* Owns opening one task by its address, /#<task_id>: asking for it, bringing it up, saying when it is not there.
   Leaves what is known of tasks to tasks.js.
   The danger is asking before the socket is live, or losing the task at a reconnect: ids are asked for again
   after every snapshot. */

const TASK_ID = /^#([0-9a-f]{32})$/;

export class Address {
  watched = new Set(); // ids asked for by address; a snapshot says nothing about them
  #wanted = null;
  #opened = null;

  /** `found(taskId)` brings the task up, `missing(isMissing)` says whether the address leads nowhere. */
  constructor(socket, { found, missing }) {
    Object.assign(this, { socket, found, missing });
    socket.on("error", (error) => this.#refused(error));
  }

  /** Look at the address, with the tasks known now; safe to call at any time. */
  follow(tasks) {
    const id = TASK_ID.exec(location.hash)?.[1] ?? null;
    if (id !== this.#opened) this.#wanted = id;
    if (id && !tasks.has(id)) this.watched.add(id);
    if (this.watched.size) this.socket.send("subscribe", { task_ids: [...this.watched] });
    this.arrived(tasks);
  }

  /** Other tasks are known now: bring up the wanted one if it is among them. */
  arrived(tasks) {
    if (!this.#wanted || !tasks.has(this.#wanted)) return;
    this.#opened = this.#wanted;
    this.#wanted = null;
    this.missing(false);
    this.found(this.#opened);
  }

  #refused({ task_ids: ids = [] }) {
    for (const id of ids) this.watched.delete(id);
    if (ids.includes(this.#wanted)) this.missing(true);
  }
}
