/* Owns the Italian words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("it");
const pictures = (n) => plural(n, { one: "# immagine", many: "# di immagini", other: "# immagini" });

export default {
  next: "Prossime immagini:",
  suggested: "come propone il modello",
  ownSuggested: "Come propone il modello",
  reset: "Torna a ciò che propone il modello",
  left: (n) => `ne restano ${number(n)}`,
  anySeed: "un altro ogni volta",
  newSeed: "Un altro ogni volta",
  yes: "sì",
  no: "no",
  off: (title) => `${title}: no`,
  copy: "Copia le impostazioni",
  copied: (name) => `Le prossime immagini avranno le impostazioni di ${name}.`,
  title: (name) => `Invia di nuovo ${name}`,
  send: "Invia di nuovo",
  leave: "Lascia stare",
  mend: (n) => `${plural(n, { one: "# immagine non si è potuta inviare", many: "# di immagini non si sono potute inviare", other: "# immagini non si sono potute inviare" })} con queste impostazioni. Va cambiato ciò che è segnato.`,
  resend: (n) => `Invia ${pictures(n)} con queste impostazioni`,
};
