/* Owns taking the pictures that were shared from where the worker keeps them, once, into the page.
   Leaves sending them to uploads/uploads.js.
   The danger is another site's form, sent to the same address: it comes into a browser's tab, whereas what a person
   shares comes into the window of the installed page. In a tab nothing is sent, and no window takes but what its own
   address names. */

const SHARED = "shared";
const HOUR_MS = 3_600_000; // what no page took for so long was meant for another moment
const INSTALLED = "(display-mode: standalone), (display-mode: minimal-ui), (display-mode: fullscreen)";

/** Take what there is, and tell of it as of pictures that were chosen; say so where some did not come. */
export async function takeShared(words, tell) {
  const said = new URLSearchParams(location.search);
  const asked = said.has("shared") || said.has("not_shared");
  if (asked) history.replaceState(null, "", location.pathname + location.hash);
  const { files, stale } = await taken(said.get("batch"));
  const isInstalled = matchMedia(INSTALLED).matches || navigator.standalone;
  if (isInstalled && files.length) tell("chosen", { files });
  const leftOut = Number(said.get("left_out"));
  const isMissing = isInstalled ? stale || said.has("not_shared") || files.length < Number(said.get("shared")) : asked;
  if (isMissing) tell("notice", { kind: "said", text: words.notShared });
  else if (isInstalled && leftOut) tell("notice", { kind: "said", text: words.leftOut(leftOut) });
}

/* Those of this batch, in the order in which they were shared; each is taken by one page alone. What nobody has taken in
   time goes, which is told as `stale`. */
async function taken(batch) {
  const cache = await caches.open(SHARED);
  const files = [];
  let [stale, others] = [false, false];
  for (const request of (await cache.keys()).sort((a, b) => (a.url < b.url ? -1 : 1))) {
    const [, theirs, since] = /shared\/([^/]+)\/(\d+)-/.exec(request.url) ?? [];
    const isFresh = Date.now() - Number(since) < HOUR_MS;
    if (isFresh && theirs !== batch) {
      others = true;
      continue;
    }
    const answer = await cache.match(request);
    if (!answer || !(await cache.delete(request))) continue;
    stale ||= !isFresh;
    if (isFresh) files.push(await file(answer));
  }
  if (!others) await caches.delete(SHARED);
  return { files, stale };
}

async function file(answer) {
  const name = decodeURIComponent(answer.headers.get("X-Name") ?? "");
  return new File([await answer.blob()], name, { type: answer.headers.get("Content-Type") ?? "" });
}
