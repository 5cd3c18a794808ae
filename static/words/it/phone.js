/* Owns the Italian words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("it");

export default {
  told: "Riceverai l’avviso anche quando questa pagina è chiusa.",
  openOnly: "Questo browser può avvisarti solo finché questa pagina è aperta.",
  notShared: "Le immagini che hai condiviso non sono arrivate. Condividile ancora una volta.",
  leftOut: (n) => plural(n, { one: "# immagine è stata esclusa: era più di quanto si può condividere in una volta.", many: "# di immagini sono state escluse: erano più di quante si possono condividere in una volta.", other: "# immagini sono state escluse: erano più di quante si possono condividere in una volta." }),
};
