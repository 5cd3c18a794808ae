/* Owns the Polish words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("pl");

export default {
  title: (name) => `Linki do oglądania ${name}`,
  intro: "Kto ma link, może obejrzeć ten jeden film i nic więcej.",
  titleOfSeveral: (n) => plural(n, { one: "Jeden link do # filmu", few: "Jeden link do # filmów", many: "Jeden link do # filmów", other: "Jeden link do # filmu" }),
  introOfSeveral: "Kto ma link, może obejrzeć te filmy jeden po drugim i nic więcej. Te, które jeszcze powstają, dołączą same.",
  earlier: "Twoje linki do kilku filmów",
  shows: (n) => plural(n, { one: "# film", few: "# filmy", many: "# filmów", other: "# filmu" }),
  message: "Słowo od Ciebie (nieobowiązkowe)",
  poster: "Co widać przed odtworzeniem i na czacie",
  posters: { none: "Nic", blurred: "Rozmyty", clear: "Obraz" },
  make: "Utwórz link",
  copy: "Kopiuj",
  copied: "Link skopiowano.",
  share: "Udostępnij",
  revoke: "Wycofaj",
  none: "Nie ma jeszcze żadnego linku.",
  address: "Adres",
  hidden: "Adres pokazano raz, przy tworzeniu linku",
  until: (date) => `działa do ${date}`,
  ended: "wygasł",
  label: "Dla kogo jest (widoczne na filmie, nieobowiązkowe)",
  burn: "Wtop to w obraz (za pierwszym razem chwilę potrwa)",
  days: "Ile dni działa",
  most: "Ile razy można obejrzeć (puste: bez limitu)",
  views: (n, most) => (most ? `obejrzano ${number(n)} z najwyżej ${number(most)} razy`
    : n ? plural(n, { one: "obejrzano # raz", few: "obejrzano # razy", many: "obejrzano # razy", other: "obejrzano # raza" }) : "jeszcze nie oglądano"),
};
