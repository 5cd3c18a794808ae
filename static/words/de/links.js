/* Owns the German words of the dialog of viewing links. */

export default {
  title: (name) => `Links zum Ansehen von ${name}`,
  intro: "Wer einen Link hat, kann dieses eine Video ansehen und sonst nichts.",
  make: "Link erstellen",
  copy: "Kopieren",
  copied: "Der Link ist kopiert.",
  revoke: "Widerrufen",
  none: "Es gibt noch keinen Link.",
  address: "Link",
  hidden: "Die Adresse wurde einmal gezeigt, beim Erstellen des Links",
  until: (date) => `gilt bis ${date}`,
  ended: "ist abgelaufen",
  label: "Für wen er ist (steht über dem Video, freiwillig)",
  burn: "Das fest ins Bild schreiben (dauert beim ersten Ansehen einen Moment)",
  days: "Wie viele Tage er gilt",
  most: "Wie oft man das Video ansehen darf (leer: beliebig oft)",
  views: (n, most) => (most ? `${n} von höchstens ${most} Malen angesehen` : n ? `${n === 1 ? "einmal" : `${n}-mal`} angesehen` : "noch nicht angesehen"),
};
