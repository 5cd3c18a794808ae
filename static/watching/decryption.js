/* Owns who decrypts a view: the browser (EME, Clear Key), whose frames no script can read, else the page.
   Leaves AES and boxes to cenc.js.
   The danger is the second way: on plain http every browser lacks EME, so it must work on its own. */

import { clearInit, clearSegment } from "./cenc.js";

const CLEAR_KEY = "org.w3.clearkey";

/** What decrypts views in this element: {add(kid, key), init(bytes), segment(bytes)}. */
export async function decryptionFor(video, type) {
  try {
    return await InBrowser.start(video, type);
  } catch {
    return new InPage();
  }
}

class InBrowser {
  static async start(video, type) {
    const asked = { initDataTypes: ["keyids"], videoCapabilities: [{ contentType: type }] };
    const access = await navigator.requestMediaKeySystemAccess(CLEAR_KEY, [asked]);
    const keys = await access.createMediaKeys();
    await video.setMediaKeys(keys);
    return new InBrowser(keys);
  }

  constructor(keys) {
    this.keys = keys;
  }

  async add(kid, key) {
    const session = this.keys.createSession();
    const asked = new Promise((resolve) => session.addEventListener("message", resolve, { once: true }));
    await session.generateRequest("keyids", new TextEncoder().encode(JSON.stringify({ kids: [kid] })));
    await asked;
    await session.update(new TextEncoder().encode(JSON.stringify({ keys: [{ kty: "oct", kid, k: key }] })));
  }

  init = (bytes) => bytes;
  segment = (bytes) => bytes;
}

class InPage {
  async add(_kid, key) {
    const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
    this.key = Uint8Array.from(text, (character) => character.charCodeAt(0));
  }

  init = (bytes) => clearInit(bytes);
  segment = (bytes) => clearSegment(bytes, this.key);
}
