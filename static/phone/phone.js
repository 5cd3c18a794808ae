/* Owns what makes the page a thing of a phone: its worker, what that keeps and hands on, and the badge on its icon.
   Leaves messages to push.js, and pictures that were shared to shared.js. Loaded when the page is live.
   The danger is a browser that has none of it, or plain http, where none has: then the page is as it ever was. */

import { base } from "../connection/api.js";
import { kept } from "../kept.js";
import { wasOn } from "../notices/bell.js";

const LIVE = new Set(["queued", "processing"]);
const WORKER = `${base}/sw.js`;

export class Phone {
  #badge = null;
  #last = Promise.resolve();

  constructor(words, tell) {
    Object.assign(this, { words, tell });
    // At once: what the worker says while it is being registered anew, which may take seconds, would be lost.
    navigator.serviceWorker?.addEventListener("message", ({ data }) => data.show && this.#show(data.show));
    this.worker = register();
    this.worker.then((worker) => worker && this.#begin(worker)).catch(reportError);
  }

  async #begin(worker) {
    worker.active?.postMessage({ keep: loaded() });
    if (/[?&](not_)?shared/.test(location.search) || (await caches.has("shared"))) {
      const [{ takeShared }] = await Promise.all([import("./shared.js"), this.words.room("phone")]);
      await takeShared(this.words.phone, this.tell);
    }
    if (kept("push")) this.#push(({ renew, unsubscribe }) => kept("push") && (wasOn() ? renew : unsubscribe)(worker, this.words));
  }

  /* What a notice of the browser leads to, whatever lies over the page. */
  #show(id) {
    location.hash = id;
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    this.tell("show", { id });
  }

  follow({ event, data }) {
    if (event === "bell_allowed") this.#turn(true);
    if (event === "bell" && !data.on) this.#turn(false);
    if (event === "leave" && !kept("push")) this.#mark(0); // nobody would change it any more
  }

  async #turn(on) {
    const worker = await this.worker;
    if (!worker?.pushManager) return;
    this.#push(async ({ subscribe, unsubscribe }) => {
      if (!on) return unsubscribe(worker);
      const told = await subscribe(worker, this.words);
      this.tell("notice", { kind: "said", text: told ? this.words.phone.told : this.words.phone.openOnly });
    });
  }

  /* One after the other: what is renewed when the page opens must not come after the click that ends it. */
  #push(use) {
    this.#last = this.#last.then(async () => {
      const [push] = await Promise.all([import("./push.js"), this.words.room("phone")]);
      await use(push);
    }).catch(reportError);
  }

  /** How many of one's own run or wait, on the icon of the installed page. */
  update({ tasks, live }) {
    if (live) this.#mark([...tasks.values()].filter(({ status }) => LIVE.has(status)).length);
  }

  #mark(count) {
    if (count === this.#badge || !navigator.setAppBadge) return;
    this.#badge = count;
    (count ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => {}); // not installed
  }
}

/* The registration, once its worker works; null where there can be none. */
async function register() {
  if (!navigator.serviceWorker) return null;
  const policy = globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: () => WORKER });
  try {
    await navigator.serviceWorker.register(policy ? policy.createScriptURL("") : WORKER);
  } catch {
    return null; // as in a private window
  }
  return navigator.serviceWorker.ready;
}

const loaded = () => performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.includes("/static/~"));
