/* Owns the choice of the language, and the formats of times and numbers that go with it.
   Leaves the words themselves to words/en.js and its like: a new language is one more file there, with its rooms, and
   one more line here. Only English comes with the page; who prefers another language loads that one too. */

import { countAs } from "./counting.js";
import en from "./en.js";
import { keep, kept } from "../kept.js";

/** Every language that the page speaks, by its tag, in its own words. */
export const LANGUAGES = {
  de: "Deutsch", en: "English", es: "Español", fr: "Français", it: "Italiano", nl: "Nederlands", pl: "Polski", pt: "Português",
  tr: "Türkçe", uk: "Українська", ar: "العربية", hi: "हिन्दी", ko: "한국어", ja: "日本語", "zh-Hans": "简体中文",
};
const RIGHT_TO_LEFT = ["ar"];

/** Words and formats for a person's preferred languages, as in navigator.languages; for the one that was `chosen` on
    the page, before them. Where its words cannot be loaded the page speaks English. */
export async function wordsFor(preferred, chosen = "") {
  const wishes = chosen in LANGUAGES ? [...preferred.filter((tag) => spoken(tag) === chosen), chosen, ...preferred] : preferred;
  const { language, locale } = best(wishes) ?? best(["en"]);
  try {
    const { default: words } = language === "en" ? { default: en } : await import(`./${language}.js`);
    countAs(language, locale);
    return { ...words, ...formats(locale, preferred[0], words), locale, room };
  } catch (error) {
    if (language === "en") throw error;
    reportError(error);
    return wordsFor(["en"]);
  }
}

/** The words for whoever is before this page, by their browser and what they chose here. */
export const wordsHere = () => wordsFor(navigator.languages, kept("language"));

/** The page is in these words from now on: for a screen reader, a font, and the direction in which it is read. */
export function speak({ language }) {
  Object.assign(document.documentElement, { lang: language, dir: RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr" });
}

/** Speak this language here from now on; the page begins anew. */
export function choose(language) {
  keep("language", language);
  location.reload();
}

/* The first wish that is met, as {language, locale}; null where none is. Who reads another script of a language, such
   as traditional Chinese, may rather have a later wish than this one: it is met last. */
function best(wishes) {
  const exact = wishes.find((tag) => spoken(tag));
  if (exact) return { language: spoken(exact), locale: exact };
  const near = Object.keys(LANGUAGES).find((each) => wishes.some((tag) => maximal(tag)?.language === maximal(each).language));
  return near ? { language: near, locale: near } : null;
}

const spoken = (tag) => Object.keys(LANGUAGES).find((each) => {
  const [wanted, has] = [maximal(tag), maximal(each)];
  return wanted?.language === has.language && wanted.script === has.script;
});

/* What a tag leaves out: zh is zh-Hans-CN. */
function maximal(tag) {
  try {
    return new Intl.Locale(tag).maximize();
  } catch {
    return null; // no tag at all
  }
}

/* Adds the words of a part that is loaded when it is wanted, under its name. */
async function room(name) {
  const { language, locale, listed } = this;
  this[name] ??= { ...(await import(`./${language}/${name}.js`)).default, locale, listed };
}

/* Who has chosen another language than their browser's still reads the clock as before, of 12 hours or of 24. */
function formats(locale, own, { comma }) {
  const hourCycle = own && own !== locale ? cycleOf(own) : undefined;
  const clock = { hour: "numeric", minute: "2-digit", hourCycle };
  const time = new Intl.DateTimeFormat(locale, clock);
  const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" });
  const brief = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const dated = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...clock });
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const digit = new Intl.NumberFormat(locale, { useGrouping: false });
  return {
    time: (moment) => time.format(moment).replace(/\s/g, "\u00a0"), // one word: it stays on one line
    date: (moment) => date.format(moment),
    lately: (moment, now) => (isSameDay(moment, now) ? time : brief).format(moment).replace(/\s/g, "\u00a0"), // a time is one of today
    day: (moment) => day.format(moment),
    dated: (moment) => dated.format(moment),
    number: (value) => number.format(value),
    digits: (text) => text.replace(/\d/g, (each) => digit.format(each)), // of 1:02
    listed: (items) => items.filter(Boolean).join(comma),
  };
}

const isSameDay = (one, other) => one.toDateString() === other.toDateString();

function cycleOf(tag) {
  try {
    if (!Intl.DateTimeFormat.supportedLocalesOf(tag).length) return undefined;
    return new Intl.DateTimeFormat(tag, { hour: "numeric" }).resolvedOptions().hourCycle;
  } catch {
    return undefined;
  }
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
  const says = words.problems[problem.code];
  const own = typeof says === "function" ? says(problem) : says;
  const theirs = problem.detail || problem.title;
  if (words.language === "en" && theirs && !again) return theirs;
  return numbered(problem, words.numbered, words) ?? own ?? theirs ?? words.toasts.failed;
}

/** The same of a refused picture in a few words, for a list. */
export function briefly(problem, words) {
  const says = words.why?.[problem.code];
  return numbered(problem, words.why, words) ?? (typeof says === "string" ? says : explain(problem, words));
}

const UNITS = { // what there was, and the limit, in the unit and as round as the server says them
  too_large: ({ actual, limit }) => [Math.round(actual / 1e5) / 10, limit / 1e6],
  too_many_pixels: ({ actual, limit }) => [Math.ceil(actual / 1e5) / 10, limit / 1e6],
};

/* More than the limit reads as more. */
function numbered({ code, limit, actual }, says, { number }) {
  const numbers = says && limit && actual ? UNITS[code]?.({ limit, actual }) : null;
  if (!numbers) return null;
  const [size, most] = numbers;
  return says[code](number(size > most ? size : most + 0.1), number(most));
}
