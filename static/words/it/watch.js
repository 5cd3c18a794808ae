/* Owns the Italian words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("it");

export default {
  title: "Un video da guardare, per te",
  titleOfSeveral: (n) => plural(n, { one: "# video da guardare, per te", many: "# di video da guardare, per te", other: "# video da guardare, per te" }),
  waiting: "Non ancora pronto da guardare",
  coming: (n) => plural(n, {
    one: "# video è ancora in lavorazione. Appare qui appena è pronto.",
    many: "# di video sono ancora in lavorazione. Ognuno appare qui appena è pronto.",
    other: "# video sono ancora in lavorazione. Ognuno appare qui appena è pronto.",
  }),
  more: (n) => plural(n, {
    one: "# altro è ancora in lavorazione e apparirà qui.",
    many: "# di altri sono ancora in lavorazione e appariranno qui.",
    other: "# altri sono ancora in lavorazione e appariranno qui.",
  }),
  list: "I video",
  previous: "Precedente",
  next: "Successivo",
  place: (n, all) => `${number(n)} di ${number(all)}`,
  video: (n, seconds) => `Video ${number(n)}, ${plural(seconds, { one: "# secondo", many: "# di secondi", other: "# secondi" })}`,
  none: "Qui non c’è nessun video da guardare",
  unknown: "Questo link non esiste. Controlla che l’indirizzo sia completo.",
};
