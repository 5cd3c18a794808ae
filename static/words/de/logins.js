/* Owns the German words of the dialog in which a command is connected. */

export default {
  title: "Kommandozeile verbinden",
  intro: "Was ein verbundenes Kommando sendet, gehört auf dieser Seite Ihnen. Geben Sie das hier in einem Terminal ein und dann den Code, den es zeigt:",
  code: "Code des Kommandos",
  look: "Nachsehen, wer fragt",
  asks: (name, address, at, until) => `„${name}“ möchte verbunden werden, von ${address}, seit ${at}. Der Code gilt bis ${until}.`,
  means: "Verbinden Sie es nur, wenn Sie es gerade selbst gestartet haben. Es kann in Ihrem Namen Bilder senden und Ihre sehen, abbrechen und löschen.",
  connect: "Verbinden",
  refuse: "Das bin ich nicht",
  done: (name) => `„${name}“ ist verbunden.`,
  refused: "Die Anfrage wurde abgelehnt.",
  connected: "Verbundene Kommandos",
  none: "Noch keine.",
  about: (address, since, used) => `Von ${address}, seit ${since}. ${used ? `Zuletzt benutzt: ${used}.` : "Noch nicht benutzt."}`,
  disconnect: "Trennen",
  disconnectName: (name) => `„${name}“ trennen`,
  ended: (name) => `„${name}“ ist getrennt.`,
  problems: {
    code_unknown: "Kein Kommando fragt mit diesem Code: Er ist vertippt, schon benutzt, oder seine zehn Minuten sind um.",
    too_many_logins: "Es sind schon so viele Kommandos verbunden, wie es sein dürfen. Trennen Sie erst eines.",
    client_limit: "Zu viele falsche Codes. Warten Sie einen Moment und geben Sie den Code ein, den das Kommando jetzt zeigt.",
  },
};
