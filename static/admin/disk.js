/* Owns the operator's view of the disk: what is kept, what is free, and what goes next. */

import { element, setAttribute, setHidden, setProperty, setText } from "../element.js";

/** How full the room for what is kept is, 0 to 1; null where it has no limit or nobody has measured. */
export function share({ kept, limit }) {
  return kept === null || !limit ? null : Math.min(kept / limit, 1);
}

export class Disk {
  constructor({ words, at }) {
    Object.assign(this, { at, words: words.admin.disk, all: words });
    this.low = element("p.notice", { role: "alert", hidden: true }, this.words.low);
    this.free = element("p", {});
    this.kept = element("p", {});
    this.bar = element("div.bar", { role: "meter", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": this.words.full });
    this.next = element("ol.next", {});
    this.element = element("section.sheet", { "aria-labelledby": "disk-title" },
      element("h2", { id: "disk-title" }, this.words.title), this.low, this.free, this.kept, this.bar,
      element("h3", {}, this.words.next), this.next);
  }

  update(disk) {
    const { words, all } = this;
    const gigabytes = (bytes) => words.gigabytes(all.number(bytes / 1e9));
    setHidden(this.low, disk.has_room);
    setAttribute(this.element, "data-low", !disk.has_room);
    setText(this.free, words.free(gigabytes(disk.free), gigabytes(disk.reserve)));
    setText(this.kept, disk.kept === null ? words.unmeasured
      : disk.limit ? words.keptOf(gigabytes(disk.kept), gigabytes(disk.limit)) : words.kept(gigabytes(disk.kept)));
    const full = share(disk);
    setHidden(this.bar, full === null);
    setProperty(this.bar, "--share", full ?? 0);
    setAttribute(this.bar, "aria-valuenow", Math.round(100 * (full ?? 0)));
    const named = ({ name, bytes }) => `${name || all.card.unnamed} (${words.megabytes(all.number(Math.max(bytes / 1e6, 0.1)))})`;
    const rows = disk.next.map((each) => words[each.why](named(each), each.at && all.dated(this.at(each.at))));
    if (disk.for_room) rows.push(words.room(named(disk.for_room)));
    const texts = rows.length ? rows : [words.nothing];
    this.next.replaceChildren(...texts.map((text) => element("li", {}, text)));
  }
}
