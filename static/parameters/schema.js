/* Owns what a model's JSON Schema says may be chosen: pure functions from it to fields, and from values to values
   that fit. Leaves showing them to fields.js, and the last word to the server.
   A field is {name, kind, title, help, initial, and what its kind needs}; its kind is text, number, choice, switch or
   seed, which alone may be null: then the server chooses one. */

const DIGITS = 12; // of a number in steps: 0.1 + 0.2 is 0.3

/** The fields of a schema in the order declared; none where there is nothing to choose. */
export const fieldsOf = (schema) => Object.entries(schema?.properties ?? {}).map(([name, property]) => {
  const { title = name, description: help = "", default: initial = null } = property;
  const kind = kindOf(property);
  return { name, kind, title, help, initial, ...DETAILS[kind](property) };
});

const kindOf = ({ type, enum: choices, "x-seed": seed }) =>
  choices ? "choice" : seed ? "seed" : { boolean: "switch", string: "text" }[type] ?? "number";

const range = ({ type, minimum, maximum, "x-step": step = type === "number" ? null : 1, "x-unit": unit = "" }) =>
  ({ minimum, maximum, step, unit });

const DETAILS = {
  text: ({ maxLength: longest, "x-lines": lines = 1 }) => ({ longest, lines }),
  number: range,
  seed: ({ minimum = 0, maximum = 2 ** 32 - 1 }) => ({ minimum, maximum, step: 1, unit: "" }),
  choice: ({ enum: choices, "x-labels": labels = {} }) =>
    ({ choices: choices.map((value) => ({ value, label: labels[value] ?? value })) }),
  switch: () => ({}),
};

/** The field that is always in view: the one called prompt, else the first text of many lines, else undefined. */
export const largest = (fields) =>
  fields.find(({ name, kind }) => name === "prompt" && kind === "text") ?? fields.find(({ lines }) => lines > 1);

/** As many characters as the server counts: an emoji is one. */
export const lengthOf = (text) => [...text].length;

const FITS = {
  text: ({ longest }, value) => typeof value === "string" && lengthOf(value) <= longest,
  number: (field, value) => Number.isFinite(value) && nearest(field, value) === value,
  seed: (field, value) => value === null || FITS.number(field, value),
  choice: ({ choices }, value) => choices.some((choice) => choice.value === value),
  switch: (_, value) => typeof value === "boolean",
};

/** A value for each field: those of `values` that fit, and where none does, what the model suggests. */
export const fitting = (fields, values) => Object.fromEntries(fields.map((field) => {
  const value = values?.[field.name];
  return [field.name, value !== undefined && FITS[field.kind](field, value) ? value : field.initial];
}));

/** The number nearest to this one that a field takes: between its ends, whole steps from its minimum. */
export function nearest({ minimum, maximum, step }, number) {
  const between = Math.min(Math.max(number, minimum), maximum);
  if (!step) return between;
  const most = Math.floor((maximum - minimum) / step + 1e-6);
  return Number((minimum + Math.min(Math.round((between - minimum) / step), most) * step).toPrecision(DIGITS));
}

/** The fields whose value is not what the model suggests. */
export const changed = (fields, values) => fields.filter(({ name, initial }) => values[name] !== initial);

/** A value in words: "Out", "8 s", "Seed 7", "Loop: off". */
export const told = (field, value, words) => TOLD[field.kind](field, value, words);

const written = (number, { locale }) =>
  number.toLocaleString(locale, { maximumFractionDigits: 6, useGrouping: false });

const TOLD = {
  text: ({ title }, text) => `${title}: ${text || "–"}`,
  number: ({ title, unit }, number, words) =>
    unit ? `${written(number, words)}\u00a0${unit}` : `${title}\u00a0${written(number, words)}`,
  seed: ({ title }, seed, words) => `${title}\u00a0${seed === null ? "–" : written(seed, words)}`,
  choice: ({ choices }, value) => choices.find((choice) => choice.value === value)?.label ?? String(value),
  switch: ({ title }, on, words) => (on ? title : words.off(title)),
};

/** A value without its title, for where that stands beside it. */
export const valueOf = (field, value, words) => {
  if (value === null || value === "") return "–";
  if (field.kind === "switch") return value ? words.yes : words.no;
  return field.kind === "seed" || (field.kind === "number" && !field.unit) ? written(value, words)
    : field.kind === "text" ? value : told(field, value, words);
};
