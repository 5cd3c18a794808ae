/* Owns decrypting Common Encryption (ISO/IEC 23001-7, scheme cenc: AES-CTR) where the browser itself
   does not, as on plain http, where EME and crypto.subtle are missing. Leaves fetching and playing to others.
   The danger is that all of it works in place: nobody else may hold the bytes. */

const text = (bytes, at) => String.fromCharCode(...bytes.subarray(at, at + 4));
const number = (bytes, at) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
const rename = (bytes, box, name) => bytes.set(new TextEncoder().encode(name), box.start + 4);

/** The boxes that lie side by side in `bytes` from `start` to `end` (ISO/IEC 14496-12). */
export function* boxes(bytes, start = 0, end = bytes.length) {
  for (let at = start; at + 8 <= end; ) {
    const size = number(bytes, at);
    if (size < 8 || at + size > end) throw new RangeError("a box that is cut short");
    yield { type: text(bytes, at + 4), start: at, body: at + 8, end: at + size };
    at += size;
  }
}

/* How far inside a box its children begin; a box that is not here has none that matter. */
const CHILDREN = { moov: 0, trak: 0, mdia: 0, minf: 0, stbl: 0, stsd: 8, encv: 78, sinf: 0, schi: 0, moof: 0, traf: 0 };

function* everyBox(bytes, start = 0, end = bytes.length) {
  for (const box of boxes(bytes, start, end)) {
    yield box;
    if (box.type in CHILDREN) yield* everyBox(bytes, box.body + CHILDREN[box.type], box.end);
  }
}

/** Make the initialization segment that of a clear video. Sizes and offsets stay: what goes becomes `free`. */
export function clearInit(bytes) {
  const found = Object.fromEntries([...everyBox(bytes)].map((box) => [box.type, box]));
  rename(bytes, found.encv, text(bytes, found.frma.body));
  rename(bytes, found.sinf, "free");
  return bytes;
}

/** Decrypt a media segment (`moof` and `mdat`, one or more of each) with the 16-byte key. */
export async function clearSegment(bytes, key, ctr = bestCtr) {
  const cipher = await ctr(key);
  for (const moof of boxes(bytes)) {
    if (moof.type !== "moof") continue;
    const found = Object.fromEntries([...everyBox(bytes, moof.start, moof.end)].map((box) => [box.type, box]));
    let at = moof.start + number(bytes, found.trun.body + 8);
    const sizes = sampleSizes(bytes, found);
    const samples = encryptedRanges(bytes, found.senc);
    for (const [index, { iv, ranges }] of samples.entries()) {
      await decryptSample(bytes, at, ranges ?? [{ clear: 0, encrypted: sizes[index] }], iv, cipher);
      at += sizes[index];
    }
    for (const type of ["senc", "saio", "saiz"]) rename(bytes, found[type], "free");
  }
  return bytes;
}

function sampleSizes(bytes, { tfhd, trun }) {
  const [headFlags, flags] = [number(bytes, tfhd.body), number(bytes, trun.body)];
  const skipped = [[0x1, 8], [0x2, 4], [0x8, 4]].filter(([flag]) => headFlags & flag);
  const same = number(bytes, tfhd.body + 8 + skipped.reduce((sum, [, size]) => sum + size, 0));
  const perSample = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag);
  const first = trun.body + 12 + (flags & 0x4 ? 4 : 0);
  const place = perSample.indexOf(0x200);
  return Array.from({ length: number(bytes, trun.body + 4) }, (_, index) =>
    place < 0 ? same : number(bytes, first + 4 * (index * perSample.length + place)),
  );
}

function encryptedRanges(bytes, senc) {
  const hasRanges = number(bytes, senc.body) & 0x2;
  let at = senc.body + 8;
  return Array.from({ length: number(bytes, senc.body + 4) }, () => {
    const iv = bytes.slice(at, (at += 8));
    if (!hasRanges) return { iv };
    const count = (bytes[at] << 8) | bytes[at + 1];
    at += 2;
    const ranges = Array.from({ length: count }, () => {
      const range = { clear: (bytes[at] << 8) | bytes[at + 1], encrypted: number(bytes, at + 2) };
      at += 6;
      return range;
    });
    return { iv, ranges };
  });
}

/** A sample's encrypted ranges are one stream of AES-CTR: gather them, decrypt, and put them back. */
async function decryptSample(bytes, start, ranges, iv, cipher) {
  const places = [];
  let [at, total] = [start, 0];
  for (const { clear, encrypted } of ranges) {
    places.push([at + clear, encrypted]);
    at += clear + encrypted;
    total += encrypted;
  }
  const stream = new Uint8Array(total);
  let filled = 0;
  for (const [from, size] of places) {
    stream.set(bytes.subarray(from, from + size), filled);
    filled += size;
  }
  const clear = await cipher(iv, stream);
  filled = 0;
  for (const [from, size] of places) {
    bytes.set(clear.subarray(filled, filled + size), from);
    filled += size;
  }
}

const bestCtr = (key) => (globalThis.crypto?.subtle ? subtleCtr(key) : ownCtr(key));

/** AES-128-CTR by the browser: (8-byte iv, data) → the data, decrypted. */
export async function subtleCtr(key) {
  const imported = await crypto.subtle.importKey("raw", key, "AES-CTR", false, ["decrypt"]);
  return async (iv, data) => {
    const counter = new Uint8Array(16);
    counter.set(iv);
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CTR", counter, length: 64 }, imported, data));
  };
}

/** AES-128-CTR by this module: (8-byte iv, data) → the same data, decrypted in place. */
export function ownCtr(key) {
  const roundKeys = expandKey(key);
  return (iv, data) => {
    const block = new Uint32Array(4);
    const [high, low] = [number(iv, 0), number(iv, 4)];
    for (let at = 0, count = 0; at < data.length; at += 16, count++) {
      encryptBlock(roundKeys, high, low, 0, count, block);
      for (let i = 0, left = Math.min(16, data.length - at); i < left; i++) {
        data[at + i] ^= block[i >> 2] >>> (24 - 8 * (i & 3));
      }
    }
    return data;
  };
}

/* AES (FIPS 197) with the usual table of SubBytes and MixColumns in one; its three rotations are the others. */
const SBOX = new Uint8Array(256);
const TABLE = new Uint32Array(256);
const double = (x) => ((x << 1) ^ (x & 0x80 ? 0x11b : 0)) & 0xff;
const rotate = (word, bits) => (word >>> bits) | (word << (32 - bits));
for (let p = 1, q = 1, first = true; first || p !== 1; first = false) {
  p ^= double(p); // p runs through all powers of 3, q through their inverses
  q ^= q << 1;
  q ^= q << 2;
  q = (q ^ (q << 4)) & 0xff;
  if (q & 0x80) q ^= 0x09;
  const t = q ^ (q << 1) ^ (q << 2) ^ (q << 3) ^ (q << 4);
  SBOX[p] = t ^ (t >> 8) ^ 0x63;
}
SBOX[0] = 0x63;
for (let x = 0; x < 256; x++) {
  const s = SBOX[x];
  TABLE[x] = ((double(s) << 24) | (s << 16) | (s << 8) | (double(s) ^ s)) >>> 0;
}

const substitute = (word) =>
  (SBOX[word >>> 24] << 24) | (SBOX[(word >>> 16) & 255] << 16) | (SBOX[(word >>> 8) & 255] << 8) | SBOX[word & 255];

function expandKey(key) {
  const words = new Uint32Array(44);
  for (let i = 0; i < 4; i++) words[i] = number(key, 4 * i);
  for (let i = 4, constant = 1; i < 44; i++) {
    let word = words[i - 1];
    if (i % 4 === 0) {
      word = substitute(rotate(word, 24)) ^ (constant << 24);
      constant = double(constant);
    }
    words[i] = words[i - 4] ^ word;
  }
  return words;
}

function encryptBlock(keys, a, b, c, d, out) {
  [a, b, c, d] = [a ^ keys[0], b ^ keys[1], c ^ keys[2], d ^ keys[3]];
  for (let k = 4; k < 40; k += 4) {
    [a, b, c, d] = [
      mix(a, b, c, d) ^ keys[k],
      mix(b, c, d, a) ^ keys[k + 1],
      mix(c, d, a, b) ^ keys[k + 2],
      mix(d, a, b, c) ^ keys[k + 3],
    ];
  }
  out[0] = substitute(shifted(a, b, c, d)) ^ keys[40];
  out[1] = substitute(shifted(b, c, d, a)) ^ keys[41];
  out[2] = substitute(shifted(c, d, a, b)) ^ keys[42];
  out[3] = substitute(shifted(d, a, b, c)) ^ keys[43];
}

/** ShiftRows: one column takes a byte from each of the four words. */
const shifted = (a, b, c, d) => (a & 0xff000000) | (b & 0xff0000) | (c & 0xff00) | (d & 0xff);

const mix = (a, b, c, d) =>
  TABLE[a >>> 24] ^
  rotate(TABLE[(b >>> 16) & 255], 8) ^
  rotate(TABLE[(c >>> 8) & 255], 16) ^
  rotate(TABLE[d & 255], 24);
