/* Owns the choice of the language, and the formats of times that go with it.
   Leaves the words themselves to words/en.js and words/de.js: a new language is one more file there, and
   one more line here. Only English comes with the page; who prefers another language loads that one too. */

import en from "./en.js";

const LANGUAGES = {
  en: () => ({ default: en }),
  de: () => import("./de.js"),
};

/** Words and formats for a person's preferred languages, as in navigator.languages. */
export async function wordsFor(preferred) {
  const locale = preferred.find((tag) => language(tag) in LANGUAGES) ?? "en";
  const { default: words } = await LANGUAGES[language(locale)]();
  return { ...words, ...formats(locale), room };
}

/* Adds the words of a part that is loaded when it is wanted, under its name. */
async function room(name) {
  this[name] ??= (await import(`./${this.language}/${name}.js`)).default;
}

const language = (tag) => tag.slice(0, 2).toLowerCase();

function formats(locale) {
  const time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" });
  const dated = new Intl.DateTimeFormat(locale, {
    day: "numeric", month: "short", hour: "numeric", minute: "2-digit",
  });
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  return {
    time: (moment) => time.format(moment).replace(/\s/g, "\u00a0"), // one word: it stays on one line
    date: (moment) => date.format(moment),
    dated: (moment) => dated.format(moment),
    number: (value) => number.format(value),
  };
}

/** What people call a picture: its file's name. */
export function nameOf({ task, draft }, words) {
  return task?.image?.name || draft?.name || words.card.unnamed;
}

/** What a problem means for a person. The server's own sentence carries its numbers, but only in English;
    a problem that is tried again by itself is told in the page's words. */
export function explain(problem, words, again = false) {
  if (!problem) return "";
  if (problem.code === "on_the_way") return words.onTheWay(problem.status);
  if (problem.code === "unsuitable" && problem.detail !== problem.title) return words.modelSays(problem.detail);
  const own = words.problems[problem.code];
  const theirs = problem.detail || problem.title;
  if (words.language === "en" && theirs && !again) return theirs;
  return own ?? theirs ?? words.toasts.failed;
}
