/* Owns the Turkish words of the wall of videos. */

import { counting } from "../counting.js";

const { number } = counting("tr");

export default {
  search: "Adlarda ve isteklerde ara",
  sort: "Sıralama",
  sorts: {
    newest: "Önce en yeni",
    oldest: "Önce en eski",
    name: "Ada göre",
    length: "Önce en uzun",
  },
  group: "Gruplar",
  groups: {
    day: "Güne göre",
    batch: "Birlikte gönderilenler",
    none: "Grup yok",
  },
  today: "Bugün",
  yesterday: "Dün",
  together: (n, when) => `${number(n)} video, birlikte gönderildi: ${when}`,
  alone: (when) => `Tek tek gönderildi, ${when}`,
  kept: (n) => `Bir video ${number(n)} gün saklanır; sabitlenen, siz çözene kadar.`,
  keptForRoom: (n) => `Bir video ${number(n)} gün, başkalarına yer gerekirse daha kısa saklanır; sabitlenen, siz çözene kadar.`,
  room: "Bir video, başkalarına yer gerekene kadar saklanır; sabitlenen, siz çözene kadar.",
  forEver: "Videolar siz silene kadar saklanır.",
  watch: (name) => `İzle: ${name}`,
  length: (seconds) => `${number(seconds)}\u00a0sn`,
  select: (name) => `Seç: ${name}`,
  choose: "Seç",
  selected: (n) => `${number(n)} seçildi`,
  all: (n) => `Tümünü seç (${number(n)})`,
  most: (n) => `Bir kerede en fazla ${number(n)} tane seçilebilir.`,
  end: "Seçimi bitir",
  send: "Yeniden gönder",
  share: "Paylaş",
  empty: "Biten videolarınız burada olacak.",
  none: (search) => `Adında veya isteğinde “${search}” geçen video yok.`,
  looking: "Daha fazlası aranıyor…",
  found: (n) => `${number(n)} video bulundu`,
  pinned: (n, total) => (n < total ? `${number(total)} videodan ${number(n)} tanesi sabitlendi.` : `${number(n)} video sabitlendi.`),
  unpinned: (n, total) => (n < total ? `${number(total)} videodan ${number(n)} tanesi çözüldü.` : `${number(n)} video çözüldü.`),
  sentAgain: (n, total) => (n < total ? `${number(total)} videodan ${number(n)} tanesi yeniden gönderildi.` : `${number(n)} video yeniden gönderildi.`),
};
