/* Owns the French words of the dialog that lists the keys. */

export default {
  title: "Raccourcis clavier",
  intro: "Tout cela se fait aussi sans eux.",
  space: "espace",
  arrows: "vers l’image suivante dans cette direction\u00a0; ← et → de partout",
  play: "lire la vidéo, ou la mettre en pause",
  cancel: "annuler cette image",
  undo: "défaire la dernière action",
  search: "chercher dans vos vidéos",
  help: "afficher ces raccourcis",
  more: "Ils agissent sur l’image qui a le focus, et jamais pendant que vous écrivez. Ctrl+Z, ou ⌘Z, défait aussi.",
  on: "Les touches sans Ctrl agissent sur cette page",
};
