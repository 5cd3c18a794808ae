import assert from "node:assert/strict";
import { randomBytes, webcrypto } from "node:crypto";
import { test } from "node:test";

import { subtleCtr, vendoredCtr } from "../../../static/watching/by_page.js";
import { boxes, clearInit, clearSegment } from "../../../static/watching/cenc.js";
import * as noble from "../../../static/vendor/noble.js";

globalThis.crypto ??= webcrypto; // Node.js 18, which Debian 12 has, does not name it globally

const toHex = (bytes) => Buffer.from(bytes).toString("hex");
const type = (name) => [...new TextEncoder().encode(name)];
const u16 = (value) => [value >> 8, value & 255];
const u32 = (value) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
const box = (name, ...content) => {
  const body = content.flat(Infinity);
  return [...u32(8 + body.length), ...type(name), ...body];
};
const fullBox = (name, flags, ...content) => box(name, u32(flags), ...content);
const random = (size) => new Uint8Array(randomBytes(size));

test("boxes are found side by side, and one that is cut short is refused", () => {
  const bytes = Uint8Array.from([...box("ftyp", [1, 2]), ...box("free")]);
  assert.deepEqual([...boxes(bytes)].map(({ type, start, end }) => [type, start, end]), [["ftyp", 0, 10], ["free", 10, 18]]);
  assert.throws(() => [...boxes(bytes.subarray(0, 9))], RangeError);
  assert.throws(() => [...boxes(Uint8Array.from([...u32(4), ...type("free")]))], RangeError);
});

test("an initialization segment becomes that of a clear video of the same length", () => {
  const sinf = box("sinf", box("frma", type("avc1")), fullBox("schm", 0, type("cenc"), u32(65536)));
  const sample = box("encv", new Array(78).fill(0), box("avcC", [1, 77, 64, 31]), sinf);
  const tables = box("stbl", fullBox("stsd", 0, u32(1), sample));
  const bytes = Uint8Array.from([...box("ftyp", type("iso6")), ...box("moov", box("trak", box("mdia", box("minf", tables))))]);
  const before = Buffer.from(bytes).toString("latin1");
  assert.equal(Buffer.from(clearInit(bytes)).toString("latin1"), before.replace("encv", "avc1").replace("sinf", "free"));
});

/** A fragment with samples of these sizes; `ranges` are each sample's [clear, encrypted] pairs. */
function fragment(samples, ivs, { sizesInHeader = false } = {}) {
  const sizes = samples.map(({ length }) => length);
  const headFlags = sizesInHeader ? [0x20010, u32(sizes[0])] : [0x20000];
  const make = (offset) =>
    box("moof", fullBox("mfhd", 0, u32(1)), box("traf",
      fullBox("tfhd", headFlags[0], u32(1), headFlags[1] ?? []),
      fullBox("trun", sizesInHeader ? 0x1 : 0x205, u32(sizes.length), u32(offset), sizesInHeader ? [] : u32(0), sizesInHeader ? [] : sizes.map(u32)),
      fullBox("senc", ivs.ranges ? 2 : 0, u32(sizes.length), ivs.map((iv, i) => [[...iv], ivs.ranges ? [u16(ivs.ranges[i].length), ivs.ranges[i].map(([clear, rest]) => [u16(clear), u32(rest)])] : []])),
      fullBox("saio", 0, u32(0)), fullBox("saiz", 0, u32(0))));
  const offset = make(0).length + 8;
  return Uint8Array.from([...make(offset), ...box("mdat", samples.map((sample) => [...sample]))]);
}

const mdat = (bytes) => [...boxes(bytes)].filter((found) => found.type === "mdat").map(({ body, end }) => toHex(bytes.subarray(body, end)));

test("encrypted ranges of a sample are one stream, and clear ones are left alone", async () => {
  const key = random(16);
  const clear = [random(60), random(33)];
  const ranges = [[[5, 20], [3, 32]], [[1, 32]]];
  const ivs = Object.assign([random(8), random(8)], { ranges });
  const encrypted = await Promise.all(clear.map(async (sample, i) => {
    const places = [];
    let at = 0;
    for (const [skip, rest] of ranges[i]) {
      at += skip;
      for (let n = 0; n < rest; n++) places.push(at++);
    }
    const stream = await (await subtleCtr(key))(ivs[i], Uint8Array.from(places, (place) => sample[place]));
    const made = sample.slice();
    places.forEach((place, n) => (made[place] = stream[n]));
    return made;
  }));
  for (const cipher of [vendoredCtr(noble, key), await subtleCtr(key)]) {
    const bytes = await clearSegment(fragment(encrypted, ivs), cipher);
    assert.deepEqual(mdat(bytes), [toHex(clear[0]) + toHex(clear[1])]);
  }
});

test("a segment may hold several fragments, of whole samples of one size", async () => {
  const key = random(16);
  const clear = [random(40), random(40)];
  const ivs = [random(8), random(8)];
  const cipher = vendoredCtr(noble, key);
  const encrypted = clear.map((sample, i) => cipher(ivs[i], sample));
  const one = fragment(encrypted, ivs, { sizesInHeader: true });
  const bytes = await clearSegment(Uint8Array.from([...one, ...one]), cipher);
  const both = toHex(clear[0]) + toHex(clear[1]);
  assert.deepEqual(mdat(bytes), [both, both]);
});

test("picture and sound are both decrypted, each by its own run", async () => {
  const key = random(16);
  const cipher = vendoredCtr(noble, key);
  const [picture, sound] = [random(60), random(33)];
  const ivs = [random(8), random(8)];
  const run = (number, sample, iv, offset) => box("traf", fullBox("tfhd", 0x20000, u32(number)),
    fullBox("trun", 0x201, u32(1), u32(offset), u32(sample.length)), fullBox("senc", 0, u32(1), [...iv]),
    fullBox("saio", 0, u32(0)), fullBox("saiz", 0, u32(0)));
  const moof = (at) => box("moof", run(1, picture, ivs[0], at), run(2, sound, ivs[1], at + picture.length));
  const encrypted = [cipher(ivs[0], picture), cipher(ivs[1], sound)].map((sample) => [...sample]);
  const bytes = Uint8Array.from([...moof(moof(0).length + 8), ...box("mdat", encrypted)]);
  assert.deepEqual(mdat(await clearSegment(bytes, cipher)), [toHex(picture) + toHex(sound)]);
});

test("an initialization segment with sound becomes clear in both tracks", () => {
  const sinf = (name) => box("sinf", box("frma", type(name)), fullBox("schm", 0, type("cenc"), u32(65536)));
  const trak = (entry) => box("trak", box("mdia", box("minf", box("stbl", fullBox("stsd", 0, u32(1), entry)))));
  const picture = trak(box("encv", new Array(78).fill(0), sinf("avc1")));
  const sound = trak(box("enca", new Array(28).fill(0), sinf("mp4a")));
  const text = Buffer.from(clearInit(Uint8Array.from(box("moov", picture, sound)))).toString("latin1");
  assert.ok(["avc1", "mp4a"].every((name) => text.split(name).length === 3), "in its entry, and in its frma");
  assert.ok(["encv", "enca", "sinf"].every((name) => !text.includes(name)));
});

test("what tells of encryption is gone from a clear segment, and its length has not changed", async () => {
  const bytes = fragment([random(40)], [random(8)]);
  const { length } = bytes;
  const text = Buffer.from(await clearSegment(bytes, vendoredCtr(noble, random(16)))).toString("latin1");
  assert.equal(text.length, length);
  for (const name of ["senc", "saio", "saiz"]) assert.ok(!text.slice(0, 200).includes(name));
});
