/* Owns the German words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("de");

export default {
  title: (name) => `Links zum Ansehen von ${name}`,
  titleOfSeveral: (n) => plural(n, { one: "Ein Link zum Ansehen eines Videos", other: "Ein Link zum Ansehen von # Videos" }),
  intro: "Wer einen Link hat, kann dieses eine Video ansehen und sonst nichts.",
  introOfSeveral: "Wer den Link hat, kann diese Videos nacheinander ansehen und sonst nichts. Was noch gemacht wird, kommt von selbst dazu.",
  earlier: "Ihre Links zu mehreren Videos",
  shows: (n) => plural(n, { one: "ein Video", other: "# Videos" }),
  message: "Ihre Zeile dazu (freiwillig)",
  poster: "Was man vor dem Abspielen sieht, auch im Chat",
  posters: { none: "Nichts", blurred: "Unscharf", clear: "Das Bild" },
  make: "Link erstellen",
  share: "Teilen",
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
  views: (n, most) => (most ? `${number(n)} von höchstens ${number(most)} Malen angesehen`
    : n ? plural(n, { one: "einmal angesehen", other: "#\u2011mal angesehen" }) : "noch nicht angesehen"),
};
