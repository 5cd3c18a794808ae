/* Owns the Italian words of the wall of videos. */

import { counting } from "../counting.js";

const { number, plural } = counting("it");
const videos = (n) => plural(n, { one: "# video", many: "# di video", other: "# video" });
const days = (n) => plural(n, { one: "# giorno", many: "# di giorni", other: "# giorni" });

export default {
  search: "Cerca nei nomi e nelle richieste",
  sort: "Ordine",
  sorts: {
    newest: "Prima i più recenti",
    oldest: "Prima i più vecchi",
    name: "Per nome",
    length: "Prima i più lunghi",
  },
  group: "Gruppi",
  groups: {
    day: "Per giorno",
    batch: "Inviati insieme",
    none: "Senza gruppi",
  },
  today: "Oggi",
  yesterday: "Ieri",
  together: (n, when) => `${videos(n)}, inviati insieme ${when}`,
  alone: (when) => `Inviati uno a uno, ${when}`,
  kept: (n) => `Un video viene conservato ${days(n)}; uno fissato, finché non lo sblocchi.`,
  keptForRoom: (n) => `Un video viene conservato ${days(n)}, o meno se serve spazio ad altri; uno fissato, finché non lo sblocchi.`,
  room: "Un video viene conservato finché non serve spazio ad altri; uno fissato, finché non lo sblocchi.",
  forEver: "I video vengono conservati finché non li elimini.",
  watch: (name) => `Guarda ${name}`,
  length: (seconds) => `${number(seconds)}\u00a0s`,
  select: (name) => `Seleziona ${name}`,
  choose: "Seleziona",
  selected: (n) => plural(n, { one: "# selezionato", many: "# selezionati", other: "# selezionati" }),
  all: (n) => `Seleziona tutto (${number(n)})`,
  most: (n) => `Non se ne possono selezionare più di ${number(n)} alla volta.`,
  end: "Termina la selezione",
  send: "Invia di nuovo",
  share: "Condividi",
  empty: "I tuoi video finiti saranno qui.",
  none: (search) => `Nessun video ha «${search}» nel nome o nella richiesta.`,
  looking: "Ricerca di altri…",
  found: (n) => plural(n, { one: "# video trovato", many: "# di video trovati", other: "# video trovati" }),
  pinned: (n, total) => (n < total ? `Fissati: ${number(n)} di ${videos(total)}.` : `Fissati: ${videos(n)}.`),
  unpinned: (n, total) => (n < total ? `Sbloccati: ${number(n)} di ${videos(total)}.` : `Sbloccati: ${videos(n)}.`),
  sentAgain: (n, total) => (n < total ? `Inviati di nuovo: ${number(n)} di ${videos(total)}.` : `Inviati di nuovo: ${videos(n)}.`),
};
