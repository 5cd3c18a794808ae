/* Owns how numbers stand in words: the form that a number asks for in a language, and its digits as the person's region
   writes them. Leaves the forms themselves to the words of each language.
   The danger is a rule of English in another language: a word that depends on a number is chosen here and nowhere else. */

const regions = new Map(); // by language, the locale whose numbers it writes

/** From now on, words in this language write numbers as this locale does. */
export const countAs = (language, locale) => regions.set(language, locale);

/** How one language counts: `number(n)` is its digits; `plural(n, forms)` is the text of the category that
    `Intl.PluralRules` puts n in, with the number in the place of "#". Categories that the language has must all be there. */
export function counting(language) {
  const rules = new Intl.PluralRules(language);
  let writes = { locale: null };
  const number = (n) => {
    const locale = regions.get(language) ?? language;
    if (writes.locale !== locale) writes = { locale, format: new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }) };
    return writes.format.format(n);
  };
  const plural = (n, forms) => forms[rules.select(n)].replace("#", () => number(n));
  return { number, plural };
}
