import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Phone } from "../../../static/phone/phone.js";
import { keep, kept } from "../../../static/kept.js";
import { wordsFor } from "../../../static/words/words.js";

const words = await wordsFor(["en"]);
await Promise.all([import("../../../static/phone/push.js"), words.room("phone")]); // so that nothing is loaded below
const KEY = "BPz8";

let server; // the subscriptions that it knows
let browser; // the one that this browser has
let held; // what the server's answers wait for
let said;

beforeEach(() => {
  const store = new Map();
  [server, browser, held, said] = [new Set(), null, null, []];
  globalThis.localStorage = { getItem: (name) => store.get(name) ?? null, setItem: (name, value) => store.set(name, value) };
  globalThis.location = { search: "" };
  globalThis.caches = { has: async () => false };
  globalThis.Notification = { permission: "granted" };
  globalThis.reportError = (error) => said.push(error);
  globalThis.fetch = async (url, { method }) => {
    await held;
    const id = url.split("/").at(-1);
    if (method === "POST") server.add(JSON.stringify(browser.id));
    if (method === "DELETE") server.delete(id);
    const body = method === "GET" ? { key: KEY } : { push_id: String(browser?.id) };
    return { ok: true, status: 200, text: async () => JSON.stringify(body), headers: new Headers() };
  };
  const pushManager = { getSubscription: async () => browser, subscribe: async ({ applicationServerKey }) => (browser = subscription(applicationServerKey)) };
  const registration = { pushManager, active: null };
  const container = { register: async () => registration, ready: Promise.resolve(registration), addEventListener() {} };
  Object.defineProperty(globalThis, "navigator", { value: { serviceWorker: container }, configurable: true });
});

let ids = 0;

function subscription(key) {
  const id = ++ids;
  const own = { id, options: { applicationServerKey: key }, toJSON: () => ({ endpoint: `https://push.example/${id}` }) };
  own.unsubscribe = async () => void (browser === own && (browser = null));
  return own;
}

const open = () => new Phone(words, (event, data) => said.push([event, data]));

async function rest() {
  for (let round = 0; round < 50; round++) await new Promise((resolve) => setImmediate(resolve));
}

async function subscribed() {
  keep("bell", "on");
  open().follow({ event: "bell_allowed" });
  await rest();
  assert.ok(browser && server.size === 1 && kept("push") === String(browser.id));
}

function off(phone) {
  keep("bell", "off");
  phone.follow({ event: "bell", data: { on: false } });
}

test("what is renewed when the page opens does not outlast the click that ends it", async () => {
  await subscribed();
  let go;
  held = new Promise((resolve) => (go = resolve));
  const phone = open();
  await rest(); // it asks the server for its key by now
  off(phone);
  await rest();
  go();
  await rest();
  assert.deepEqual([browser, [...server], kept("push"), said.filter((each) => each instanceof Error)], [null, [], "", []]);
});

test("a click that was faster than the page's own renewing ends it too", async () => {
  await subscribed();
  off(open());
  await rest();
  assert.deepEqual([browser, [...server], kept("push")], [null, [], ""]);
});

test("whoever closed the page while it was being ended finds it ended when it is open again", async () => {
  await subscribed();
  keep("bell", "off"); // and the page was gone
  open();
  await rest();
  assert.deepEqual([browser, [...server], kept("push")], [null, [], ""]);
});

test("the page renews what was asked for", async () => {
  await subscribed();
  browser = null; // as when the browser has forgotten
  open();
  await rest();
  assert.ok(browser && server.has(String(browser.id)) && kept("push") === String(browser.id));
});
