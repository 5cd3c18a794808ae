/* Owns the Dutch words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("nl");

export default {
  told: "Je hoort het ook als deze pagina gesloten is.",
  openOnly: "Deze browser kan het je alleen laten weten zolang deze pagina open is.",
  notShared: "De afbeeldingen die je deelde, zijn niet aangekomen. Deel ze nog een keer.",
  leftOut: (n) => plural(n, { one: "# afbeelding is weggelaten: dat was meer dan er in één keer gedeeld kan worden.", other: "# afbeeldingen zijn weggelaten: dat waren er meer dan er in één keer gedeeld kunnen worden." }),
};
