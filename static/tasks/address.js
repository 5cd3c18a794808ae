/* Owns opening one task by the page's address, /#<task_id>: telling of the address, and asking for the task there.
   Leaves what is known of it to state.js.
   The danger is asking before the socket is live, or losing the task at a reconnect: ids are asked for again
   after every snapshot. */

const TASK_ID = /^#([0-9a-f]{32})$/;

export class Address {
  constructor(socket, tell) {
    this.socket = socket;
    const look = () => tell("address", { id: TASK_ID.exec(location.hash)?.[1] ?? null });
    addEventListener("hashchange", look);
    look();
  }

  follow({ event, before, after }) {
    const ids = [...after.watched];
    if (ids.length && (event === "snapshot" || ids.length > before.watched.size)) {
      this.socket.send("subscribe", { task_ids: ids });
    }
  }
}
