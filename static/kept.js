/* Owns what the browser keeps for the page from one visit to the next.
   The danger is a browser that keeps nothing for it: then it lasts as long as the page. */

const NAMES = "leyline.";

export function kept(name) {
  try {
    return localStorage.getItem(NAMES + name) ?? "";
  } catch {
    return "";
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(NAMES + name, value);
  } catch {
    // As above.
  }
}
