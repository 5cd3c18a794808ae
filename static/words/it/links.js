/* Owns the Italian words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("it");

export default {
  title: (name) => `Link per guardare ${name}`,
  intro: "Chi ha un link può guardare questo video, e nient’altro.",
  titleOfSeveral: (n) => plural(n, { one: "Un link per guardare # video", many: "Un link per guardare # di video", other: "Un link per guardare # video" }),
  introOfSeveral: "Chi ha il link può guardare questi video uno dopo l’altro, e nient’altro. Quelli ancora in lavorazione si aggiungono da soli.",
  earlier: "I tuoi link a più video",
  shows: (n) => plural(n, { one: "# video", many: "# di video", other: "# video" }),
  message: "Due parole tue (facoltativo)",
  poster: "Che cosa si vede prima della riproduzione, e in una chat",
  posters: { none: "Nulla", blurred: "Sfocata", clear: "L’immagine" },
  make: "Crea un link",
  copy: "Copia",
  copied: "Il link è copiato.",
  share: "Condividi",
  revoke: "Revoca",
  none: "Non c’è ancora nessun link.",
  address: "Indirizzo",
  hidden: "L’indirizzo è stato mostrato una volta, alla creazione del link",
  until: (date) => `vale fino al ${date}`,
  ended: "è scaduto",
  label: "Per chi è (mostrato sul video, facoltativo)",
  burn: "Imprimilo nell’immagine (richiede un momento alla prima visione)",
  days: "Per quanti giorni vale",
  most: "Quante volte si può guardare (vuoto: senza limite)",
  views: (n, most) => (most ? `visto ${number(n)} di ${number(most)} volte al massimo`
    : n ? plural(n, { one: "visto # volta", many: "visto # di volte", other: "visto # volte" }) : "non ancora visto"),
};
