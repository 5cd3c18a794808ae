/* Owns stepping through the small stills of a finished video while somebody points at it, or has its focus.
   Leaves to wanted.js when: whatever has `data-glimpses`, the id of a finished task, and an image in it is such a place.
   The danger is asking for what nobody wants to see: a pointer that only passes asks for nothing, nor does one who wants
   less motion, nor a finger that scrolls. */

import { base } from "../connection/api.js";
import { element, styled } from "../element.js";

const STILLS = 8;
const DWELL_MS = 150; // a pointer that is gone by then has only passed
const STEP_MS = 400;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let now = null; // the one place where they are stepped through, and how to stop that

/** Step through the stills of this place until `happened`, which has brought pointer or focus there, is over. */
export function stepThrough(place, happened) {
  if (calm.matches || happened.pointerType === "touch" || now?.place === place) return;
  if (happened.type === "focusin" ? !happened.target.matches(":focus-visible") : !place.matches(":hover")) return; // any more
  now?.stop();
  const over = new AbortController();
  const stop = () => over.abort();
  const { signal } = over;
  now = { place, stop };
  for (const event of ["pointerleave", "pointercancel", "focusout"]) place.addEventListener(event, stop, { signal });
  calm.addEventListener("change", stop, { signal });
  steps(place, place.dataset.glimpses, signal)
    .catch(() => {}) // it was over, or there are none: the still says what it can
    .finally(() => {
      stop();
      place.querySelector(".glimpse")?.remove();
      if (now?.place === place) now = null;
    });
}

/* It begins with the second: the first is the picture, or nearly. */
async function steps(place, id, signal) {
  await Promise.all([pause(DWELL_MS, signal), styled("cards/hover.css")]);
  const stills = [];
  for (let n = 1; place.isConnected && place.dataset.glimpses === id; n = (n + 1) % STILLS) {
    stills[n] ??= await still(id, n);
    signal.throwIfAborted();
    show(place, stills[n]);
    await pause(STEP_MS, signal);
  }
}

async function still(id, n) {
  const image = element("img.glimpse", { alt: "", "aria-hidden": "true", src: `${base}/api/video/${id}/glimpse?n=${n}` });
  await image.decode();
  return image;
}

/* One that can be drawn takes the place of the last: no flash. */
function show(place, image) {
  const last = place.querySelector(".glimpse");
  if (last) last.replaceWith(image);
  else place.querySelector("img").after(image);
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => [clearTimeout(timer), reject(signal.reason)], { once: true });
  });
}
