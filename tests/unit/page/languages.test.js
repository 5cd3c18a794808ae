/* Every language says all that English says, by its own rules of plural, and nothing more. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { countAs } from "../../../static/words/counting.js";
import { LANGUAGES } from "../../../static/words/words.js";

const FOLDER = new URL("../../../static/words/", import.meta.url);
const ROOMS = readdirSync(new URL("en/", FOLDER));
const OTHERS = Object.keys(LANGUAGES).filter((language) => language !== "en");

const file = (path) => import(new URL(path, FOLDER)).then((module) => module.default);

/* The words of a language as [path, text or function], those of the page and of each room. */
async function wordsOf(language) {
  const rooms = await Promise.all(ROOMS.map(async (name) => [name, await file(`${language}/${name}`).catch(() => ({}))]));
  return [["page", await file(`${language}.js`)], ...rooms].flatMap(([name, words]) => flat(words, name));
}

function flat(words, path) {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "object" && value !== null ? flat(value, `${path}.${key}`) : [[`${path}.${key}`, value]]);
}

const English = await wordsOf("en");
const Theirs = new Map(await Promise.all(OTHERS.map(async (language) => [language, await wordsOf(language)])));

/* Numbers of each kind that any language tells apart, and words, as they come from outside. */
const SAMPLES = [0, 1, 2, 3, 5, 11, 21, 22, 100, 101, 1000, 1_000_000, 1.5];

/* What a function says for each sample, the other things it depends on being few, none, or many. */
function said(says) {
  if (typeof says === "string") return [says];
  const rest = Array.from({ length: Math.max(0, says.length - 1) });
  return SAMPLES.flatMap((sample) => [2, 0, 404].map((other) => says(sample, ...rest.map(() => other))));
}

const SHAPE = ([path, value]) => `${path}${typeof value === "function" ? `(${value.length})` : ""}`;

test("fifteen languages, and each room in each of them", () => {
  assert.equal(OTHERS.length, 14);
  for (const language of OTHERS) assert.deepEqual(readdirSync(new URL(`${language}/`, FOLDER)), ROOMS, language);
});

for (const language of OTHERS) {
  const words = Theirs.get(language);

  test(`${LANGUAGES[language]} misses no word, and has none too many`, () => {
    const [own, wanted] = [words, English].map((some) => some.map(SHAPE));
    const missing = wanted.filter((path) => !own.includes(path));
    const tooMany = own.filter((path) => !wanted.includes(path));
    assert.deepEqual({ missing, tooMany }, { missing: [], tooMany: [] });
  });

  test(`${LANGUAGES[language]} says something for every number, by its own rules`, () => {
    const rules = new Intl.PluralRules(language);
    const met = new Set(SAMPLES.map((sample) => rules.select(sample)));
    assert.deepEqual([...met].sort(), rules.resolvedOptions().pluralCategories.toSorted());
    for (const [path, says] of words) {
      for (const text of said(says)) {
        assert.equal(typeof text, "string", path);
        assert.ok(text.trim(), `${path} says nothing`);
        assert.doesNotMatch(text, /undefined|\bnull\b|NaN|\[object|#/, path);
      }
    }
  });
}

test("the samples ask English and German for every form too", () => {
  for (const [path, says] of English) for (const text of said(says)) assert.doesNotMatch(text, /undefined|NaN|#/, path);
});

/* What is the same in another language: names, formats, and what is only put together of what came from outside. */
const SAME = [
  /^page\.(comma|actions\.of|length\.|span\.|card\.brief|now\.of|title\.percent)/, /\.(gigabytes|megabytes|each|span|off|at|refused|outcomes\.succeeded|disk\.title)$/, /^(theatre|watch)\.js\.(video|times|place)$|^logins\.js\.code$/,
];
const ALIKE = {
  de: ["page.filters.videos", "links.js.address"],
  fr: ["page.filters.videos", "page.card.unnamed", "page.line.drawing"],
  es: [], it: ["page.filters.videos"], pt: ["links.js.title"], nl: ["page.model.label", "page.filters.videos", "admin.js.models.title"],
  pl: ["page.model.label"], tr: ["page.model.label"],
};

test("nothing was left in English", () => {
  const english = new Map(English);
  const left = OTHERS.flatMap((language) => Theirs.get(language)
    .filter(([path, says]) => !SAME.some((same) => same.test(path)) && !(ALIKE[language] ?? []).includes(path)
      && english.has(path) && said(says).join() === said(english.get(path)).join())
    .map(([path]) => `${language} ${path}`));
  assert.deepEqual(left, []);
  const found = OTHERS.flatMap((language) => Theirs.get(language)
    .filter(([, says]) => said(says).some((text) => /\b(the|your|you|pictures?|waiting|ready|with)\b/i.test(text)))
    .map(([path]) => `${language} ${path}`));
  assert.deepEqual(found, []);
});

const SCRIPTS = {
  uk: /\p{Script=Cyrillic}/u, ar: /\p{Script=Arabic}/u, hi: /\p{Script=Devanagari}/u, ko: /\p{Script=Hangul}/u,
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u, "zh-Hans": /\p{Script=Han}/u,
};

test("what has a script of its own is written in it", () => {
  const bare = /^page\.(language|comma|intake\.limits|card\.brief|now\.of|title\.percent|actions\.of)$|(theatre|watch)\.js\.place$|\.(off|at|gigabytes|megabytes|version|times)$/;
  for (const [language, script] of Object.entries(SCRIPTS)) {
    const other = Theirs.get(language).filter(([path, says]) => !bare.test(path) && !said(says).every((text) => script.test(text)));
    assert.deepEqual(other.map(([path]) => path), [], language);
  }
});

test("the page is calm in every language", () => {
  for (const [language, words] of [["en", English], ...Theirs]) {
    for (const [path, says] of words) for (const text of said(says)) assert.doesNotMatch(text, /[!！¡]/, `${language} ${path}`);
  }
});

test("numbers in words are written in the digits of the person's region", async () => {
  const arabic = await file("ar.js");
  countAs("ar", "ar-EG");
  assert.equal(arabic.now.of(23, 40), "٢٣ من ٤٠");
  countAs("ar", "ar-MA");
  assert.equal(arabic.now.of(23, 40), "23 من 40");
});

test("a number asks for its own form", async () => {
  const [pl, uk, ar, fr] = await Promise.all(["pl", "uk", "ar", "fr"].map((language) => file(`${language}.js`)));
  assert.deepEqual([1, 2, 5, 22].map((n) => pl.clear.problems(n)), ["Usuń 1 problem", "Usuń 2 problemy", "Usuń 5 problemów", "Usuń 22 problemy"]);
  assert.deepEqual([1, 3, 11, 21].map((n) => uk.length.hour(n)), ["1\u00a0година", "3\u00a0години", "11\u00a0годин", "21\u00a0година"]);
  assert.deepEqual([1, 2, 3, 11].map((n) => ar.length.day(n)), ["يوم", "يومان", "3\u00a0أيام", "11\u00a0يومًا"]);
  assert.deepEqual([0, 1, 2].map((n) => fr.clear.videos(n)), ["Supprimer 0 vidéo", "Supprimer 1 vidéo", "Supprimer 2 vidéos"]);
});
