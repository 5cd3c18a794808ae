/* Owns what of a video is encrypted (Common Encryption, ISO/IEC 23001-7, scheme cenc), for where the browser itself
   does not decrypt, as on plain http. Leaves AES to the cipher that it is given, fetching and playing to others.
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
const CHILDREN = { moov: 0, trak: 0, mdia: 0, minf: 0, stbl: 0, stsd: 8, encv: 78, sinf: 0, schi: 0, moof: 0, traf: 0, enca: 28 };

function* everyBox(bytes, start = 0, end = bytes.length) {
  for (const box of boxes(bytes, start, end)) {
    yield box;
    if (box.type in CHILDREN) yield* everyBox(bytes, box.body + CHILDREN[box.type], box.end);
  }
}

/* The boxes in a box, by their types; of several of a type the last. */
const byType = (bytes, { body, end }) => Object.fromEntries([...everyBox(bytes, body, end)].map((box) => [box.type, box]));

/** Make the initialization segment that of a clear video. Sizes and offsets stay: what goes becomes `free`. */
export function clearInit(bytes) {
  for (const trak of [...everyBox(bytes)].filter(({ type }) => type === "trak")) {
    const found = byType(bytes, trak);
    rename(bytes, found.encv ?? found.enca, text(bytes, found.frma.body));
    rename(bytes, found.sinf, "free");
  }
  return bytes;
}

/** Decrypt a media segment (`moof` and `mdat`, one or more of each) with a cipher: (8-byte iv, data) → clear data. */
export async function clearSegment(bytes, cipher) {
  for (const moof of boxes(bytes)) {
    if (moof.type !== "moof") continue;
    for (const traf of [...boxes(bytes, moof.body, moof.end)].filter(({ type }) => type === "traf")) {
      await clearRun(bytes, moof, byType(bytes, traf), cipher);
    }
  }
  return bytes;
}

/* A fragment's samples of one track. */
async function clearRun(bytes, moof, found, cipher) {
  let at = moof.start + number(bytes, found.trun.body + 8);
  const sizes = sampleSizes(bytes, found);
  const samples = encryptedRanges(bytes, found.senc);
  for (const [index, { iv, ranges }] of samples.entries()) {
    await decryptSample(bytes, at, ranges ?? [{ clear: 0, encrypted: sizes[index] }], iv, cipher);
    at += sizes[index];
  }
  for (const type of ["senc", "saio", "saiz"]) rename(bytes, found[type], "free");
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
