/* Owns the French words of the wall of videos. */

import { counting } from "../counting.js";

const { number, plural } = counting("fr");
const videos = (n) => plural(n, { one: "# vidéo", many: "# de vidéos", other: "# vidéos" });
const days = (n) => plural(n, { one: "# jour", many: "# de jours", other: "# jours" });

export default {
  search: "Chercher dans les noms et les souhaits",
  sort: "Ordre",
  sorts: {
    newest: "Les plus récentes",
    oldest: "Les plus anciennes",
    name: "Par nom",
    length: "Les plus longues",
  },
  group: "Groupes",
  groups: {
    day: "Par jour",
    batch: "Envoyées ensemble",
    none: "Sans groupes",
  },
  today: "Aujourd’hui",
  yesterday: "Hier",
  together: (n, when) => `${videos(n)}, envoyées ensemble ${when}`,
  alone: (when) => `Envoyées une à une, ${when}`,
  kept: (n) => `Une vidéo est gardée ${days(n)}\u00a0; une vidéo épinglée, jusqu’à ce que vous la détachiez.`,
  keptForRoom: (n) => `Une vidéo est gardée ${days(n)}, ou moins si d’autres ont besoin de la place\u00a0; une vidéo épinglée, jusqu’à ce que vous la détachiez.`,
  room: "Une vidéo est gardée jusqu’à ce que d’autres aient besoin de la place\u00a0; une vidéo épinglée, jusqu’à ce que vous la détachiez.",
  forEver: "Les vidéos sont gardées jusqu’à ce que vous les supprimiez.",
  watch: (name) => `Regarder ${name}`,
  length: (seconds) => `${number(seconds)}\u00a0s`,
  select: (name) => `Sélectionner ${name}`,
  choose: "Sélectionner",
  selected: (n) => plural(n, { one: "# sélectionnée", many: "# sélectionnées", other: "# sélectionnées" }),
  all: (n) => `Tout sélectionner (${number(n)})`,
  most: (n) => `On ne peut pas en sélectionner plus de ${number(n)} à la fois.`,
  end: "Finir la sélection",
  send: "Renvoyer",
  share: "Partager",
  empty: "Vos vidéos terminées seront ici.",
  none: (search) => `Aucune vidéo n’a «\u00a0${search}\u00a0» dans son nom ou son souhait.`,
  looking: "Recherche d’autres vidéos…",
  found: (n) => plural(n, { one: "# vidéo trouvée", many: "# de vidéos trouvées", other: "# vidéos trouvées" }),
  pinned: (n, total) => (n < total ? `Épinglées\u00a0: ${number(n)} sur ${videos(total)}.` : `Épinglées\u00a0: ${videos(n)}.`),
  unpinned: (n, total) => (n < total ? `Détachées\u00a0: ${number(n)} sur ${videos(total)}.` : `Détachées\u00a0: ${videos(n)}.`),
  sentAgain: (n, total) => (n < total ? `Renvoyées\u00a0: ${number(n)} sur ${videos(total)}.` : `Renvoyées\u00a0: ${videos(n)}.`),
};
