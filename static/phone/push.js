/* Owns this browser's subscription: it is told by its maker's push service though the page is closed.
   Leaves asking for leave to notices/bell.js, and what is shown to the worker.
   The danger is a server with another key than the one subscribed with, as after a move: it could tell nothing. */

import { Problem, subscribed, subscriptions, unsubscribed } from "../connection/api.js";
import { keep, kept } from "../kept.js";

const PATIENCE_MS = 15_000; // where a push service cannot be reached, Chromium never says so

/** Subscribe; whether that worked. A browser may know no push service, and a server may send nothing. */
export async function subscribe(worker, words) {
  try {
    const { key } = await subscriptions();
    const subscription = await current(worker, bytes(key));
    const { push_id: id } = await subscribed({ ...subscription.toJSON(), words: sentences(words) });
    keep("push", id);
    return true;
  } catch (error) {
    if (!(error instanceof Problem || error instanceof DOMException)) throw error;
    return false;
  }
}

/** The page is open again: what was asked for stays so, in the page's language, with the server's key. */
export const renew = (worker, words) =>
  (Notification.permission === "granted" ? subscribe(worker, words) : unsubscribe(worker));

/** This browser is told nothing more; where the server cannot be reached, its messages find nobody. */
export async function unsubscribe(worker) {
  const id = kept("push");
  keep("push", "");
  const subscription = await worker.pushManager.getSubscription();
  await Promise.allSettled([id && unsubscribed(id), subscription?.unsubscribe()]);
}

async function current(worker, key) {
  const subscription = await worker.pushManager.getSubscription();
  if (subscription && same(new Uint8Array(subscription.options.applicationServerKey ?? []), key)) return subscription;
  await subscription?.unsubscribe();
  const late = new Promise((_, reject) => setTimeout(() => reject(new DOMException("", "TimeoutError")), PATIENCE_MS));
  return Promise.race([worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }), late]);
}

/* The server puts the picture's name in their place. */
const sentences = ({ language, bell, card }) => ({
  language, succeeded: bell.title("{name}"), failed: bell.failedTitle("{name}"), unnamed: card.unnamed,
});

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));

const same = (a, b) => a.length === b.length && a.every((byte, index) => byte === b[index]);
