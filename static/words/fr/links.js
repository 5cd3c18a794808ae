/* Owns the French words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("fr");

export default {
  title: (name) => `Liens de visionnage de ${name}`,
  intro: "Qui a un lien peut regarder cette vidéo, et rien d’autre.",
  titleOfSeveral: (n) => plural(n, { one: "Un lien de visionnage pour # vidéo", many: "Un lien de visionnage pour # de vidéos", other: "Un lien de visionnage pour # vidéos" }),
  introOfSeveral: "Qui a le lien peut regarder ces vidéos l’une après l’autre, et rien d’autre. Celles qui sont encore en cours s’y ajoutent d’elles-mêmes.",
  earlier: "Vos liens vers plusieurs vidéos",
  shows: (n) => plural(n, { one: "# vidéo", many: "# de vidéos", other: "# vidéos" }),
  message: "Votre mot pour eux (facultatif)",
  poster: "Ce qu’on voit avant la lecture, et dans une discussion",
  posters: { none: "Rien", blurred: "Flou", clear: "L’image" },
  make: "Créer un lien",
  copy: "Copier",
  copied: "Le lien est copié.",
  share: "Partager",
  revoke: "Révoquer",
  none: "Il n’y a pas encore de lien.",
  address: "Lien",
  hidden: "L’adresse a été montrée une fois, à la création du lien",
  until: (date) => `valable jusqu’au ${date}`,
  ended: "a expiré",
  label: "Pour qui il est (affiché sur la vidéo, facultatif)",
  burn: "Incruster cela dans l’image (prend un moment au premier visionnage)",
  days: "Combien de jours il est valable",
  most: "Combien de fois on peut la regarder (vide\u00a0: sans limite)",
  views: (n, most) => (most ? `vue ${number(n)} fois sur ${number(most)} au plus`
    : n ? plural(n, { one: "vue # fois", many: "vue # de fois", other: "vue # fois" }) : "pas encore vue"),
};
