/* Owns what the browser does for the page while that is closed, or cannot reach its server: it shows the page as it was,
   keeps pictures that were shared until the page takes them, and says that a video is ready.
   Leaves everything else as if it were not there: no video, no still, no view and no answer of the API comes this way.
   The danger is a page of one release with parts of another. The page names its parts by their release, so whatever
   is kept under such a name is right for good; and the page itself comes from the server whenever that answers. */

const SHELL = "shell-"; // with the release: what a page of it has loaded
const SHARED = "shared";
const MOST_SHARED = 100; // pictures that wait for the page
const UNREACHED = [502, 503, 504]; // what a proxy says whose server is not there, and a server that stops

const home = registration.scope;
const within = ({ url }) => (url.startsWith(home) ? url.slice(home.length).replace(/[?#].*/s, "") : null);
const releaseOf = (path) => /^static\/~([0-9a-f]{16})\//.exec(path ?? "")?.[1];

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(begin()));

async function begin() {
  await registration.navigationPreload?.enable(); // the server is asked at once, not when this has started
  await clients.claim();
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const path = within(request);
  if (request.mode === "navigate" && request.method === "GET" && path === "") event.respondWith(page(event));
  if (request.mode === "navigate" && request.method === "POST" && path === "share") event.respondWith(takeShared(request));
  if (request.method === "GET" && releaseOf(path)) event.respondWith(part(request, releaseOf(path)));
});

// The page and its parts

async function page(event) {
  try {
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    return (UNREACHED.includes(answer.status) && (await keptPage())) || answer;
  } catch (unreached) {
    const page = await keptPage();
    if (!page) throw unreached;
    return page;
  }
}

const keptPage = () => caches.match(home, { ignoreVary: true });

async function part(request, release) {
  const kept = await caches.match(request.url, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.status === 200 && (await caches.has(SHELL + release))) {
    const copy = answer.clone();
    caches.open(SHELL + release).then((cache) => cache.put(request.url, copy)).catch(() => {}); // a full disk: it is asked for again
  }
  return answer;
}

/* Keep what a page has loaded, and the page itself last: what is kept of a page is all that it needs. */
async function keep(urls) {
  const files = [...new Set(urls)].filter((url) => releaseOf(within({ url })));
  const release = releaseOf(within({ url: files[0] ?? "" }));
  if (!release) return;
  const cache = await caches.open(SHELL + release);
  const known = new Set((await cache.keys()).map(({ url }) => url));
  await cache.addAll(files.filter((url) => !known.has(url) && url.includes(release)));
  if (known.has(home)) return;
  const answer = await fetch(home, { cache: "no-cache" });
  if (!answer.ok || !(await answer.clone().text()).includes(release)) return caches.delete(SHELL + release); // there is another one by now
  await cache.put(home, answer);
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(SHELL) && name !== SHELL + release).map((name) => caches.delete(name)));
}

addEventListener("message", (event) => event.data.keep && event.waitUntil(keep(event.data.keep)));

// Pictures that were shared

/* They lie here until the page takes them whose address names their batch (phone/shared.js): it sends them as if they had
   been dropped. */
async function takeShared(request) {
  const form = await request.formData();
  const files = form.getAll("pictures").filter((each) => each instanceof File);
  const cache = await caches.open(SHARED);
  const room = Math.max(0, MOST_SHARED - (await cache.keys()).length);
  let leftOut = Math.max(0, files.length - room);
  const [now, batch] = [Date.now(), crypto.randomUUID()];
  for (const [index, file] of files.slice(0, room).entries()) {
    const headers = { "Content-Type": file.type || "application/octet-stream", "X-Name": encodeURIComponent(file.name) };
    const name = `${home}shared/${batch}/${now}-${String(index).padStart(3, "0")}`;
    await cache.put(name, new Response(file, { headers })).catch(() => leftOut++); // no room on this device
  }
  return Response.redirect(`${home}?shared=${files.length - leftOut}&left_out=${leftOut}&batch=${batch}`, 303);
}

// Messages

addEventListener("push", (event) => event.waitUntil(tell(event.data.json())));

/* Who looks at the page sees it there; only Safari ends a subscription that shows nothing. */
async function tell({ task_id: id, title, language: lang, left }) {
  if (left) navigator.setAppBadge?.(left);
  else navigator.clearAppBadge?.();
  const seen = (await pages()).some(({ visibilityState }) => visibilityState === "visible");
  const mustShow = /Safari/.test(navigator.userAgent) && !/Chrom/.test(navigator.userAgent);
  if (seen && !mustShow) return;
  const icon = `${home}api/video/${id}/thumbnail`;
  const badge = `${home}static/phone/icon-192.png`;
  await registration.showNotification(title, { tag: id, lang, icon, badge, data: { id } });
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data?.id ?? event.notification.tag));
});

/* A page that is open turns to the task; where none is, one is opened. */
async function show(id) {
  const [open] = await pages();
  if (!open) return clients.openWindow(`${home}#${id}`);
  open.postMessage({ show: id });
  return open.focus();
}

const pages = async () => (await clients.matchAll({ type: "window", includeUncontrolled: true })).filter((each) => within(each) === "");
