/* Owns the German words of the wall of videos. */

import { counting } from "../counting.js";

const { number, plural } = counting("de");
const videos = (n) => plural(n, { one: "# Video", other: "# Videos" });
const days = (n) => plural(n, { one: "# Tag", other: "# Tage" });

export default {
  search: "Namen und Prompts durchsuchen",
  sort: "Reihenfolge",
  sorts: { newest: "Neueste zuerst", oldest: "Älteste zuerst", name: "Nach Namen", length: "Längste zuerst" },
  group: "Gruppen",
  groups: { day: "Nach Tagen", batch: "Zusammen gesendet", none: "Keine Gruppen" },
  today: "Heute",
  yesterday: "Gestern",
  together: (n, when) => `${videos(n)}, zusammen gesendet ${when}`,
  alone: (when) => `Einzeln gesendet, ${when}`,
  kept: (n) => `Ein Video bleibt ${days(n)}; ein angeheftetes, bis Sie es lösen.`,
  keptForRoom: (n) => `Ein Video bleibt ${days(n)}, oder kürzer, wo andere den Platz brauchen; ein angeheftetes, bis Sie es lösen.`,
  room: "Ein Video bleibt, bis andere den Platz brauchen; ein angeheftetes, bis Sie es lösen.",
  forEver: "Videos bleiben, bis Sie sie löschen.",
  watch: (name) => `${name} ansehen`,
  length: (seconds) => `${number(seconds)}\u00a0s`,
  select: (name) => `${name} auswählen`,
  choose: "Auswählen",
  selected: (n) => `${number(n)} ausgewählt`,
  all: (n) => `Alle ${number(n)} auswählen`,
  most: (n) => `Mehr als ${number(n)} lassen sich nicht auf einmal auswählen.`,
  end: "Auswahl beenden",
  send: "Noch einmal senden",
  share: "Teilen",
  empty: "Hier werden Ihre fertigen Videos sein.",
  none: (search) => `Kein Video hat „${search}“ im Namen oder Prompt.`,
  looking: "Weitere werden gesucht …",
  found: (n) => `${videos(n)} gefunden`,
  /* What was done with all of a selection, or with some where the rest was refused. */
  pinned: (n, total) => (n < total ? `${number(n)} von ${videos(total)} angeheftet.` : `${videos(n)} angeheftet.`),
  unpinned: (n, total) => (n < total ? `${number(n)} von ${videos(total)} gelöst.` : `${videos(n)} gelöst.`),
  sentAgain: (n, total) => (n < total ? `${number(n)} von ${videos(total)} noch einmal gesendet.` : `${videos(n)} noch einmal gesendet.`),
};
