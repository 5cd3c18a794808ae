/* Owns the cryptography of the page itself, where the browser has none: plain http, and older ones.
   Leaves boxes to cenc.js, and the arithmetic to a vendored module.
   The danger is that keys lie in the page's memory here, where a script can read them. */

import { fromBase64url, purpose, toBase64url } from "./exchange.js";

export const vendored = () => import("../vendor/noble.js");

/** What InBrowser of exchange.js is. */
export class InPage {
  static start(noble) {
    const privateKey = crypto.getRandomValues(new Uint8Array(32)); // which plain http has, too
    return new InPage(noble, privateKey);
  }

  #noble;
  #private;

  constructor(noble, privateKey) {
    // Not getPublicKey, which prepares tables for many keys: a tenth of a second, for one.
    this.public = toBase64url(noble.x25519.scalarMult(privateKey, noble.x25519.GuBytes));
    this.#noble = noble;
    this.#private = privateKey;
  }

  async unwrap(ticket, { public: theirs, wrapped }) {
    const { x25519, hkdf, sha256, aeskw } = this.#noble;
    const secret = x25519.getSharedSecret(this.#private, fromBase64url(theirs));
    const wrapping = hkdf(sha256, secret, undefined, purpose(ticket), 16);
    return aeskw(wrapping).decrypt(fromBase64url(wrapped));
  }
}

/** AES-128-CTR by whoever can: (8-byte iv, data) → the data, decrypted. */
async function ctrUnder(key) {
  return crypto.subtle ? subtleCtr(key) : vendoredCtr(await vendored(), key);
}

export async function subtleCtr(key) {
  const imported = await crypto.subtle.importKey("raw", key, "AES-CTR", false, ["decrypt"]);
  const at = (counter) => ({ name: "AES-CTR", counter, length: 64 });
  return async (iv, data) => new Uint8Array(await crypto.subtle.decrypt(at(firstBlock(iv)), imported, data));
}

export const vendoredCtr = (noble, key) => (iv, data) => noble.ctr(key, firstBlock(iv)).decrypt(data);

function firstBlock(iv) {
  const counter = new Uint8Array(16);
  counter.set(iv);
  return counter;
}

/** What decrypts views without the browser: it sees every frame. */
export class Decryption {
  static async start() {
    return new Decryption(await import("./cenc.js"));
  }

  constructor(boxes) {
    this.boxes = boxes;
  }

  async add(_kid, key) {
    this.cipher = await ctrUnder(key);
  }

  holds = () => true;
  init = (bytes) => this.boxes.clearInit(bytes);
  segment = (bytes) => this.boxes.clearSegment(bytes, this.cipher);
}
