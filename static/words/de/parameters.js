/* Owns the German words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("de");
const pictures = (n) => plural(n, { one: "# Bild", other: "# Bilder" });

export default {
  next: "Nächste Bilder:",
  suggested: "wie das Modell vorschlägt",
  ownSuggested: "Wie das Modell vorschlägt",
  reset: "Zurück zum Vorschlag des Modells",
  left: (n) => `noch ${number(n)}`,
  anySeed: "jedes Mal ein anderer",
  newSeed: "Jedes Mal ein anderer",
  yes: "an",
  no: "aus",
  off: (title) => `${title}: aus`,
  copy: "Einstellungen übernehmen",
  copied: (name) => `Die nächsten Bilder bekommen die Einstellungen von ${name}.`,
  title: (name) => `${name} noch einmal senden`,
  send: "Noch einmal senden",
  leave: "Lassen",
  mend: (n) => `${plural(n, { one: "# Bild konnte", other: "# Bilder konnten" })} mit diesen Einstellungen nicht gesendet werden. Ändern Sie, was markiert ist.`,
  resend: (n) => `${pictures(n)} mit diesen Einstellungen senden`,
};
