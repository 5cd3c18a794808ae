/* Owns taking the pictures that were shared from where the worker keeps them, once, into the page.
   Leaves sending them to uploads/uploads.js.
   The danger is another site's form, sent to the same address: it comes into a browser's tab, whereas what a person
   shares comes into the window of the installed page. In a tab, nothing is sent. */

const SHARED = "shared";
const HOUR_MS = 3_600_000; // what no page took for so long was meant for another moment
const INSTALLED = "(display-mode: standalone), (display-mode: minimal-ui), (display-mode: fullscreen)";

/** Take what there is, and tell of it as of pictures that were chosen; say so where some did not come. */
export async function takeShared(words, tell) {
  const said = new URLSearchParams(location.search);
  const asked = said.has("shared") || said.has("not_shared");
  if (asked) history.replaceState(null, "", location.pathname + location.hash);
  const files = await taken();
  if (!matchMedia(INSTALLED).matches && !navigator.standalone) {
    if (asked) tell("notice", { kind: "said", text: words.notShared });
    return;
  }
  if (files.length) tell("chosen", { files });
  const leftOut = Number(said.get("left_out"));
  if (said.has("not_shared")) tell("notice", { kind: "said", text: words.notShared });
  else if (leftOut) tell("notice", { kind: "said", text: words.leftOut(leftOut) });
}

/* In the order in which they were shared; each is taken by one page alone. */
async function taken() {
  const cache = await caches.open(SHARED);
  const files = [];
  for (const request of (await cache.keys()).sort((a, b) => (a.url < b.url ? -1 : 1))) {
    const answer = await cache.match(request);
    const isFresh = Date.now() - Number(/shared\/(\d+)-/.exec(request.url)?.[1]) < HOUR_MS;
    if (!answer || !(await cache.delete(request)) || !isFresh) continue;
    const name = decodeURIComponent(answer.headers.get("X-Name") ?? "");
    files.push(new File([await answer.blob()], name, { type: answer.headers.get("Content-Type") ?? "" }));
  }
  await caches.delete(SHARED);
  return files;
}
