/* Owns the Dutch words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("nl");
const pictures = (n) => plural(n, { one: "# afbeelding", other: "# afbeeldingen" });

export default {
  next: "Volgende afbeeldingen:",
  suggested: "zoals het model voorstelt",
  ownSuggested: "Zoals het model voorstelt",
  reset: "Terug naar wat het model voorstelt",
  left: (n) => `nog ${number(n)}`,
  anySeed: "elke keer een andere",
  newSeed: "Elke keer een andere",
  yes: "aan",
  no: "uit",
  off: (title) => `${title}: uit`,
  copy: "Instellingen overnemen",
  copied: (name) => `De volgende afbeeldingen krijgen de instellingen van ${name}.`,
  title: (name) => `${name} opnieuw sturen`,
  send: "Opnieuw sturen",
  leave: "Laten",
  mend: (n) => `${plural(n, { one: "# afbeelding kon", other: "# afbeeldingen konden" })} met deze instellingen niet worden gestuurd. Wat gemarkeerd is, moet anders.`,
  resend: (n) => `${pictures(n)} met deze instellingen sturen`,
};
