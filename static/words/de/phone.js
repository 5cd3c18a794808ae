/* Owns the German words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("de");

export default {
  told: "Sie erfahren es auch, wenn diese Seite geschlossen ist.",
  openOnly: "Dieser Browser kann es Ihnen nur sagen, solange diese Seite offen ist.",
  notShared: "Die geteilten Bilder sind nicht angekommen. Teilen Sie sie bitte noch einmal.",
  leftOut: (n) => plural(n, {
    one: "Ein Bild wurde ausgelassen: Das war mehr, als sich auf einmal teilen lässt.",
    other: "# Bilder wurden ausgelassen: Das war mehr, als sich auf einmal teilen lässt.",
  }),
};
