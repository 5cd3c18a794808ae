import assert from "node:assert/strict";
import { createCipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, randomBytes, webcrypto } from "node:crypto";
import { test } from "node:test";

import * as noble from "../../../static/vendor/noble.js";
import { InPage, subtleCtr, vendoredCtr } from "../../../static/watching/by_page.js";
import { fromBase64url, InBrowser, makeReady, newExchange, toBase64url } from "../../../static/watching/exchange.js";

globalThis.crypto ??= webcrypto; // Node.js 18, which Debian 12 has, does not name it globally

const toHex = (bytes) => Buffer.from(bytes).toString("hex");
const random = (size) => new Uint8Array(randomBytes(size));
const jwk = (half) => createPublicKey({ key: { kty: "OKP", crv: "X25519", x: half }, format: "jwk" });

/** The server's answer by Node.js's own cryptography: the key, wrapped for who asks with this ticket. */
function answer(key, ticket, theirs) {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  const secret = diffieHellman({ privateKey, publicKey: jwk(theirs) });
  const wrapping = Buffer.from(hkdfSync("sha256", secret, "", `leyline view key\n${ticket}`, 16));
  const cipher = createCipheriv("id-aes128-wrap", wrapping, Buffer.from("a6a6a6a6a6a6a6a6", "hex"));
  return { public: publicKey.export({ format: "jwk" }).x, wrapped: toBase64url(Buffer.concat([cipher.update(key), cipher.final()])) };
}

const ways = { "the browser": () => InBrowser.start(), "the vendored module": () => InPage.start(noble) };

for (const [who, start] of Object.entries(ways)) {
  test(`${who} unwraps what was wrapped for its pair and its ticket, and nothing else`, async () => {
    const [exchange, other, key] = [await start(), await start(), random(16)];
    assert.notEqual(exchange.public, other.public);
    const told = answer(key, "ticket", exchange.public);
    assert.equal(toHex(await exchange.unwrap("ticket", told)), toHex(key));
    await assert.rejects(exchange.unwrap("another", told));
    await assert.rejects(other.unwrap("ticket", told));
    await assert.rejects(exchange.unwrap("ticket", { ...told, wrapped: toBase64url(random(24)) }));
  });

  test(`${who} keeps the private half to itself`, async () => {
    const exchange = await start();
    assert.deepEqual(Object.keys(exchange), ["public"]);
    assert.equal(fromBase64url(exchange.public).length, 32);
  });
}

test("a browser without WebCrypto, or without X25519 in it, uses the vendored module", async () => {
  assert.ok((await newExchange()) instanceof InBrowser);
  const { generateKey } = crypto.subtle;
  const own = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: { getRandomValues: (bytes) => bytes.fill(7) }, configurable: true });
  assert.ok((await newExchange()) instanceof InPage);
  Object.defineProperty(globalThis, "crypto", own);
  assert.equal(crypto.subtle.generateKey, generateKey);
});

test("a pair that was made ready is the next view's, and no other's", async () => {
  const { generateKey } = crypto.subtle;
  let made = 0;
  crypto.subtle.generateKey = (...asked) => [made++, generateKey.apply(crypto.subtle, asked)][1];
  makeReady();
  makeReady();
  assert.equal(made, 1, "once");
  const [first, second] = await Promise.all([newExchange(), newExchange()]);
  assert.equal(made, 2);
  assert.notEqual(first.public, second.public);
  delete crypto.subtle.generateKey;
});

test("where none could be made ready the next view makes its own", async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  const broken = { getRandomValues: () => { throw new Error("none yet"); } };
  Object.defineProperty(globalThis, "crypto", { value: broken, configurable: true });
  makeReady();
  await new Promise((resolve) => setImmediate(resolve));
  Object.defineProperty(globalThis, "crypto", own);
  assert.ok((await newExchange()) instanceof InBrowser);
});

test("the vendored cipher is AES-CTR as the browser has it, whatever the key and the length", async () => {
  for (const size of [0, 1, 15, 16, 17, 4096, 100_003]) {
    const [key, iv, data] = [random(16), random(8), random(size)];
    const theirs = await (await subtleCtr(key))(iv, data);
    assert.equal(toHex(vendoredCtr(noble, key)(iv, data)), toHex(theirs));
    const block = createCipheriv("aes-128-ctr", key, Buffer.concat([iv, Buffer.alloc(8)]));
    assert.equal(toHex(theirs), toHex(block.update(data)));
  }
});

test("base64url has no padding, and comes back", () => {
  for (const size of [0, 1, 2, 3, 16, 32]) {
    const bytes = random(size);
    assert.match(toBase64url(bytes), /^[\w-]*$/);
    assert.equal(toHex(fromBase64url(toBase64url(bytes))), toHex(bytes));
  }
});
