/* Owns how a view's key reaches this page: wrapped (AES-KW) for a pair of keys of this view's own, by X25519 and HKDF.
   Leaves asking for it to view.js. On plain http, and in older browsers, a vendored module does the same.
   The danger is a key that can be read along: no message may ever hold one that is not wrapped. */

const PURPOSE = "leyline view key\n";
const vendored = () => import("../vendor/noble.js");

/** A new pair of keys: {public, unwrap(ticket, answer)}. `public` goes with the question, and the answer to it
    holds a key that nobody else can unwrap. */
export async function newExchange() {
  try {
    return await InBrowser.start();
  } catch {
    return InPage.start(await vendored());
  }
}

/** The browser's own: what is secret of the pair cannot be read by any script. */
export class InBrowser {
  static async start() {
    const { publicKey, privateKey } = await crypto.subtle.generateKey("X25519", false, ["deriveBits"]);
    return new InBrowser(toBase64url(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey))), privateKey);
  }

  #private;

  constructor(publicHalf, privateKey) {
    this.public = publicHalf;
    this.#private = privateKey;
  }

  async unwrap(ticket, { public: theirs, wrapped }) {
    const { subtle } = crypto;
    const half = await subtle.importKey("raw", fromBase64url(theirs), "X25519", false, []);
    const secret = await subtle.deriveBits({ name: "X25519", public: half }, this.#private, 256);
    const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: purpose(ticket) };
    const root = await subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
    const wrapping = await subtle.deriveKey(derivation, root, { name: "AES-KW", length: 128 }, false, ["unwrapKey"]);
    const key = await subtle.unwrapKey("raw", fromBase64url(wrapped), wrapping, "AES-KW", "AES-CTR", true, ["decrypt"]);
    return new Uint8Array(await subtle.exportKey("raw", key));
  }
}

/** The same by the vendored module. */
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
export async function ctrUnder(key) {
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

const purpose = (ticket) => new TextEncoder().encode(PURPOSE + ticket);

/** As in a JSON Web Key (RFC 7515): without padding. */
export const toBase64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
