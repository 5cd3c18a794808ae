/* Owns which sentences are true by the settings in force: a pure function from what the server says and words to what
   is told, in sections. Leaves the sentences to the words. */

import { formatName } from "../uploads/formats.js";

/** What the page says, as [{id, title, says: [sentence]}]. `words` are those of its room. */
export function told({ sending, line, making, keeping, watching, telling, model, needs_token: needsToken }, words, { host }) {
  const { sizes, spans } = written(words.locale);
  const when = (condition, ...sentences) => (condition ? sentences : []);
  const sections = {
    send: [
      words.send.formats(words.listed([...new Set(sending.formats.map(formatName))])),
      ...when(sending.max_upload_bytes, () => words.send.bytes(sizes(sending.max_upload_bytes))),
      ...when(sending.max_pixels, () => words.send.pixels(sending.max_pixels / 1e6)),
      ...when(line.max_waiting_per_client, () => words.send.waiting(line.max_waiting_per_client)),
      ...when(line.limits_networks, words.send.networks),
      ...when(sending.uploads_per_minute, () => words.send.pace(sending.uploads_per_minute)),
      ...when(needsToken, words.send.token),
    ],
    turn: [
      words.turn[line.order],
      ...when(line.max_waiting, () => words.turn.most(line.max_waiting)),
      words.turn.move,
      words.turn.undo(spans(line.undo_seconds)),
      words.turn.attempts(line.max_attempts),
    ],
    pictures: [
      words.pictures.changed(sending.longest_side),
      words.pictures.removed,
      words.pictures.stored(host),
      words.pictures.made[making.on_other_machines ? "elsewhere" : "here"],
      ...when(model?.about, () => words.pictures.model(model.about)),
      words.pictures.known[line.limits_networks ? "network" : "noNetwork"],
    ],
    seen: [
      words.seen.yours,
      words.seen.commands,
      words.seen.links(spans(watching.link_seconds)),
      words.seen.scripts,
      words.seen.operator,
      words.seen.videos[watching.by_page ? "byPage" : "byBrowser"],
      words.seen.log,
      words.seen.counted(spans(watching.same_view_seconds)),
    ],
    kept: [
      ...when(keeping.files_seconds, () => words.kept.files(spans(keeping.files_seconds)), () => words.kept.row(spans(keeping.row_seconds))),
      ...when(!keeping.files_seconds, words.kept.forEver),
      ...when(keeping.all_bytes, () => words.kept.room(sizes(keeping.all_bytes)), () => words.kept.pins(sizes(keeping.pinned_bytes_of_network))),
      ...when(!keeping.all_bytes, words.kept.pinsWithoutLimit),
      words.kept.trash(spans(keeping.trash_seconds)),
      words.kept.delete,
    ],
    elsewhere: [
      ...when(telling.operators_receiver, words.elsewhere.operatorsReceiver),
      ...when(telling.own_receivers, words.elsewhere.ownReceivers),
      ...when(telling.push, words.elsewhere.push),
      ...when(!telling.operators_receiver && !telling.own_receivers && !telling.push, words.elsewhere.nobody),
      words.elsewhere.page,
    ],
  };
  return Object.entries(sections).map(([id, says]) => ({ id, title: words[id].title, says: says.map(said) }));
}

const said = (sentence) => (typeof sentence === "function" ? sentence() : sentence);

const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];

/* Sizes and stretches of time as the locale writes them, each in its largest unit that leaves no more than a tenth over. */
function written(locale) {
  const write = (unit, n, long) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: long ? "long" : "short", maximumFractionDigits: 1 }).format(n);
  const spans = (seconds) => {
    const [unit, length] = UNITS.find(([, each]) => seconds >= each && (seconds * 10) % each === 0) ?? UNITS.at(-1);
    return write(unit, seconds / length, true);
  };
  const sizes = (bytes) => (bytes >= 1e9 ? write("gigabyte", bytes / 1e9) : write("megabyte", bytes / 1e6));
  return { sizes, spans };
}
