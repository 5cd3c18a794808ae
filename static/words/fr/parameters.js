/* Owns the French words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("fr");
const pictures = (n) => plural(n, { one: "# image", many: "# d’images", other: "# images" });

export default {
  next: "Prochaines images\u00a0:",
  suggested: "comme le modèle le propose",
  ownSuggested: "Comme le modèle le propose",
  reset: "Revenir à ce que le modèle propose",
  left: (n) => `reste ${number(n)}`,
  anySeed: "une autre chaque fois",
  newSeed: "Une autre chaque fois",
  yes: "oui",
  no: "non",
  off: (title) => `${title}\u00a0: non`,
  copy: "Copier les réglages",
  copied: (name) => `Les prochaines images auront les réglages de ${name}.`,
  title: (name) => `Renvoyer ${name}`,
  send: "Renvoyer",
  leave: "Laisser",
  mend: (n) => `${plural(n, { one: "# image n’a pas pu être envoyée", many: "# d’images n’ont pas pu être envoyées", other: "# images n’ont pas pu être envoyées" })} avec ces réglages. Il faut changer ce qui est marqué.`,
  resend: (n) => `Envoyer ${pictures(n)} avec ces réglages`,
};
