/* Owns the German words of the page of a viewing link. */

export default {
  title: "Ein Video zum Ansehen für Sie",
  none: "Hier gibt es kein Video zu sehen",
  unknown: "Diesen Link gibt es nicht. Prüfen Sie, ob die Adresse vollständig ist.",
};
