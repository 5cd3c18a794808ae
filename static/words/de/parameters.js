/* Owns the German words of what can be chosen for a picture. The fields' own are the model's, in its language. */

const pictures = (n) => (n === 1 ? "1 Bild" : `${n} Bilder`);

export default {
  next: "Nächste Bilder:",
  suggested: "wie das Modell vorschlägt",
  ownSuggested: "Wie das Modell vorschlägt",
  reset: "Zurück zum Vorschlag des Modells",
  left: (n) => `noch ${n}`,
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
  mend: (n) => `${n === 1 ? "1 Bild konnte" : `${n} Bilder konnten`} mit diesen Einstellungen nicht gesendet werden. Ändern Sie, was markiert ist.`,
  resend: (n) => `${pictures(n)} mit diesen Einstellungen senden`,
};
