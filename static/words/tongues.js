/* Owns the switch by which somebody chooses another language than their browser's: each by its own name.
   Leaves what follows from it to words.js. */

import { element, icon } from "../element.js";
import { choose, LANGUAGES } from "./words.js";

const GLOBE = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c-5 5.500-5 12.500 0 18M12 3c5 5.500 5 12.500 0 18";

/** The switch, showing the language of these words. */
export function tongues({ language, page }) {
  const options = Object.entries(LANGUAGES).map(([tag, name]) =>
    element("option", { value: tag, lang: tag, selected: tag === language }, name));
  const onchange = ({ target }) => choose(target.value);
  return element("label.tongues", {}, icon(GLOBE), element("select", { "aria-label": page.language, autocomplete: "off", onchange }, ...options));
}
