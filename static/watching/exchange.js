/* Owns how a view's key reaches this page: wrapped (AES-KW) for a pair of keys of this view's own, by X25519 and HKDF.
   Leaves asking for it to view.js. On plain http, and in older browsers, by_page.js does the same.
   The danger is a key that can be read along: no message may ever hold one that is not wrapped. */

const PURPOSE = "leyline view key\n";
let ready = null; // the next pair, where one was made before it was asked for

/** Make the next pair now, while nobody waits for it. */
export function makeReady() {
  ready ??= pair().catch(() => (ready = null)); // who asks for it tries again
}

/** A new pair of keys: {public, unwrap(ticket, answer)}. `public` goes with the question, and the answer to it
    holds a key that nobody else can unwrap. */
export async function newExchange() {
  const made = ready;
  ready = null;
  return (await made) ?? pair();
}

async function pair() {
  try {
    return await InBrowser.start();
  } catch {
    const { InPage, vendored } = await import("./by_page.js");
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

export const purpose = (ticket) => new TextEncoder().encode(PURPOSE + ticket);

/** As in a JSON Web Key (RFC 7515): without padding. */
export const toBase64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
