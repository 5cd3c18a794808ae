/* Owns how tiles fill rows: a pure function from the pictures' shapes to each tile's share of its row.
   Leaves drawing to the stylesheet, which makes a share its width, so that rows stay whole while the window changes.
   Tiles stay in the order they have: the eye, the keyboard and a screen reader go the same way. */

/** Each picture's share of its row's width (0–1) and how many the row has, for `shapes` (width / height) in order, as
    [{share, count}]. A row has from `least` to `most` tiles, and is as nearly `height` high as its pictures let it; only the
    last may be shorter than the `width`. */
export function shares(shapes, { width, height, gap, least = 1, most = Infinity }) {
  const rows = [];
  for (let from = 0; from < shapes.length;) {
    const count = countOf(shapes, from, { width, height, gap, least, most });
    rows.push(shapes.slice(from, from + count));
    from += count;
  }
  return rows.flatMap((row, index) => sharesOf(row, index === rows.length - 1, { width, height, gap }));
}

/* As many as make the row's height the nearest to the one that is wanted. */
function countOf(shapes, from, { width, height, gap, least, most }) {
  let sum = 0;
  let before = Infinity;
  for (let count = 1; from + count <= shapes.length; count += 1) {
    sum += shapes[from + count - 1];
    const high = heightOf(sum, count, width, gap);
    if (count > most) return most;
    if (high <= height && count >= least) {
      const nearer = count === 1 || count <= least || height / high <= before / height;
      return nearer ? count : count - 1;
    }
    before = high;
  }
  return shapes.length - from;
}

const heightOf = (sum, count, width, gap) => (width - (count - 1) * gap) / sum;

/* A last row that is not full is no higher than wanted. */
function sharesOf(row, isLast, { width, height, gap }) {
  const count = row.length;
  const sum = row.reduce((all, shape) => all + shape, 0);
  const high = heightOf(sum, count, width, gap);
  const full = !isLast || high <= height ? 1 : height / high;
  return row.map((shape) => ({ share: (full * shape) / sum, count }));
}
