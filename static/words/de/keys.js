/* Owns the German words of the dialog that lists the keys. */

export default {
  title: "Tasten",
  intro: "All das geht auch ohne sie.",
  space: "Leertaste",
  arrows: "zum nächsten Bild in dieser Richtung; ← und → von überall",
  play: "Video abspielen oder anhalten",
  cancel: "dieses Bild abbrechen",
  undo: "das Letzte rückgängig machen",
  search: "in Ihren Videos suchen",
  help: "diese Tasten zeigen",
  more: "Sie gelten für das Bild, auf dem der Fokus liegt, und nie, während Sie schreiben. Auch Strg+Z, oder ⌘Z, macht rückgängig.",
  on: "Tasten ohne Strg tun auf dieser Seite etwas",
};
