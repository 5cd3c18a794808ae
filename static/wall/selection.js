/* Owns which tiles are selected: pure functions from a selection {ids, anchor} to the next one. The anchor is where a
   range begins. Leaves what is pressed to tiles.js, and what is done with them to bar.js.
   The danger is a deletion of what nobody sees: only what is shown stays selected. */

export const MOST_SELECTED = 500; // each is a request of its own, when something is done with them

export const NONE = { ids: new Set(), anchor: null };

/** With this one taken in, or out. */
export function toggled({ ids }, id) {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return bounded(next, id);
}

/** With all from the anchor to this one, as they are `shown`; without an anchor with this one alone. */
export function ranged({ ids, anchor }, id, shown) {
  const [from, to] = [shown.indexOf(anchor), shown.indexOf(id)];
  if (from < 0 || to < 0) return toggled({ ids: without(ids, id) }, id);
  return bounded(new Set([...ids, ...shown.slice(Math.min(from, to), Math.max(from, to) + 1)]), anchor);
}

/** All that are shown. */
export const all = (shown) => bounded(new Set(shown), shown[0] ?? null);

/** Without what is not shown any more; the same selection where all is. */
export function stillShown(selection, shown) {
  if (!selection.ids.size) return selection;
  const there = new Set(shown);
  const left = [...selection.ids].filter((id) => there.has(id));
  if (left.length === selection.ids.size) return selection;
  return { ids: new Set(left), anchor: there.has(selection.anchor) ? selection.anchor : null };
}

/* The first so many; `full` where there were more. */
const bounded = (ids, anchor) =>
  ids.size > MOST_SELECTED ? { ids: new Set([...ids].slice(0, MOST_SELECTED)), anchor, full: true } : { ids, anchor };

const without = (ids, id) => new Set([...ids].filter((each) => each !== id));
