/* Owns opening one task by its address, /#<task_id>: asking for it, bringing it up, saying when it is not there.
   Leaves what is known of tasks to tasks.js.
   The danger is asking before the socket is live, or losing the task at a reconnect: ids are asked for again
   after every snapshot. */

const TASK_ID = /^#([0-9a-f]{32})$/;

export class Address {
  watched = new Set(); // ids asked for by address; a snapshot says nothing about them
  #seen = null; // the id at the address when it was last looked at
  #wanted = null; // the same, until it is brought up

  /** `found(taskId)` brings the task up, `missing(isMissing)` says whether the address leads nowhere. */
  constructor(socket, { found, missing }) {
    Object.assign(this, { socket, found, missing });
    socket.on("error", (error) => this.#refused(error));
  }

  /** Look at the address, with the tasks known now; safe to call at any time. */
  follow(tasks) {
    const id = TASK_ID.exec(location.hash)?.[1] ?? null;
    if (id !== this.#seen) this.#turn(id);
    if (id && !tasks.has(id)) this.watched.add(id);
    if (this.watched.size) this.socket.send("subscribe", { task_ids: [...this.watched] });
    this.arrived(tasks);
  }

  #turn(id) {
    this.#seen = this.#wanted = id;
    this.missing(false);
  }

  /** Other tasks are known now: bring up the wanted one if it is among them. */
  arrived(tasks) {
    if (!this.#wanted || !tasks.has(this.#wanted)) return;
    this.#wanted = null;
    this.missing(false);
    this.found(this.#seen);
  }

  #refused({ task_ids: ids = [] }) {
    for (const id of ids) this.watched.delete(id);
    if (ids.includes(this.#wanted)) this.missing(true);
  }
}
