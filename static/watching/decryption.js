/* Owns who decrypts a view: the browser (EME, Clear Key), whose frames no script can read, else the page.
   Leaves the second to by_page.js, and keys to exchange.js.
   The danger is the second way: on plain http every browser lacks EME, so it must work on its own; and it is the
   weaker one, which a server may refuse. */

import { Problem } from "../connection/api.js";
import { keep, kept } from "../kept.js";
import { toBase64url } from "./exchange.js";

const CLEAR_KEY = "org.w3.clearkey";

/** The browser's own, begun before anybody knows of which `type` the video is: most are as the last one was. To a browser
    it is as much work as opening a view is to the server. An element takes keys once: who has begun uses what was begun. */
export function begin(video) {
  const type = kept("codec");
  return { type, begun: type ? InBrowser.start(video, type).catch(() => null) : null };
}

/** What decrypts views in this element, for which that was `early` begun: {add(kid, key), holds(), init(bytes),
    segment(bytes)}. Throws a Problem where only the page could do it and may not. */
export async function decryptionFor(video, type, mayBePage, early) {
  try {
    const begun = await early.begun;
    keep("codec", type);
    if (!begun) return await InBrowser.start(video, type);
    if (early.type !== type) await accessFor(type); // keys are of no codec, but it must be one that they can serve
    return begun;
  } catch {
    if (mayBePage) return (await import("./by_page.js")).Decryption.start();
    throw new Problem({ code: "eme_needed" });
  }
}

function accessFor(type) {
  const [picture, sound] = type.split(",");
  const asked = { initDataTypes: ["keyids"], videoCapabilities: [{ contentType: sound ? `${picture}"` : type }] };
  if (sound) asked.audioCapabilities = [{ contentType: `audio/mp4; codecs="${sound}` }];
  return navigator.requestMediaKeySystemAccess(CLEAR_KEY, [asked]);
}

class InBrowser {
  static async start(video, type) {
    const keys = await (await accessFor(type)).createMediaKeys();
    await video.setMediaKeys(keys);
    return new InBrowser(video, keys);
  }

  constructor(video, keys) {
    this.video = video;
    this.keys = keys;
  }

  /** Whether the browser still keeps scripts from the frames: in Firefox one can take the keys off. */
  holds() {
    return this.video.mediaKeys === this.keys;
  }

  async add(kid, key) {
    const session = this.keys.createSession();
    const asked = new Promise((resolve) => session.addEventListener("message", resolve, { once: true }));
    await session.generateRequest("keyids", new TextEncoder().encode(JSON.stringify({ kids: [kid] })));
    await asked;
    await session.update(new TextEncoder().encode(JSON.stringify({ keys: [{ kty: "oct", kid, k: toBase64url(key) }] })));
  }

  init = (bytes) => bytes;
  segment = (bytes) => bytes;
}
