/* Owns the Polish words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("pl");

export default {
  told: "Powiadomienie przyjdzie także, gdy ta strona jest zamknięta.",
  openOnly: "Ta przeglądarka może powiadomić tylko wtedy, gdy ta strona jest otwarta.",
  notShared: "Udostępnione obrazy nie dotarły. Udostępnij je jeszcze raz.",
  leftOut: (n) => `Pominięto ${plural(n, { one: "# obraz", few: "# obrazy", many: "# obrazów", other: "# obrazu" })}: to więcej, niż można udostępnić naraz.`,
};
