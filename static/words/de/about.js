/* Owns the German words of the page that says what becomes of pictures. Stretches of time and sizes come with their units. */

import { counting } from "../counting.js";

const { number, plural } = counting("de");
const pictures = (n) => plural(n, { one: "# Bild", other: "# Bilder" });

export default {
  title: "Was mit Ihren Bildern geschieht",
  home: "Bilder senden",
  contents: "Auf dieser Seite",
  failed: "Der Server antwortet nicht, darum lässt sich gerade nichts darüber sagen.",
  again: "Noch einmal versuchen",

  send: {
    title: "Was kann ich senden?",
    formats: (formats) => `Bilder als ${formats}. Von einem bewegten Bild zählt das erste Einzelbild.`,
    bytes: (size) => `Eine Datei hat höchstens ${size}.`,
    pixels: (n) => `Höchstens ${number(n)} Megapixel, Breite mal Höhe.`,
    waiting: (n) => `Von Ihnen dürfen höchstens ${pictures(n)} gleichzeitig warten.`,
    networks: "Aus einem Netz, etwa dem eines Haushalts, höchstens drei Viertel von allen, die warten dürfen.",
    pace: (n) => `Bis zu ${number(n)} in einer Minute, und auf einmal auch etwas mehr.`,
    token: "Zum Senden braucht man das Zugangswort dieses Servers. Wer ihn betreibt, hat es.",
  },
  turn: {
    title: "Wann bin ich an der Reihe?",
    "first-come": "Wer zuerst kommt, kommt zuerst dran.",
    fair: "Abwechselnd: jedes Netz mit einem Bild, dann das nächste, und in einem Netz jeder Browser mit einem. Zweihundert Bilder von jemandem stehen nicht vor Ihrem einen.",
    most: (n) => `Insgesamt ist in der Reihe Platz für ${pictures(n)}. Ist die Reihe voll, versucht die Seite es von selbst noch einmal.`,
    move: "Ihre wartenden Bilder dürfen Sie unter deren Plätzen verschieben. Niemand sonst steht deshalb woanders.",
    undo: (span) => `Wer ein wartendes Bild abbricht und es sich anders überlegt, bekommt den Platz zurück, so lange: ${span}.`,
    attempts: (n) => plural(n, {
      one: "Ein Bild, über dem das Modell anhält, wird nicht noch einmal versucht.",
      other: "Ein Bild, über dem das Modell anhält, wird höchstens #-mal versucht. Dann bleibt es ohne Video, und Sie erfahren es.",
    }),
  },
  pictures: {
    title: "Was geschieht mit meinen Bildern?",
    changed: (n) => `Jedes wird aufrecht gedreht, und seine längere Seite bekommt höchstens ${number(n)} Pixel.`,
    removed: "Alles andere in der Datei wird entfernt: Ort und Zeit der Aufnahme, die Kamera, der Name ihres Besitzers. Die gesendete Datei wird gelöscht, sobald sie gelesen ist.",
    stored: (host) => `Bild und Video liegen in einem Ordner des Servers ${host}.`,
    made: {
      here: "Dort entsteht auch das Video. Das Bild kommt dafür auf keinen anderen Rechner.",
      elsewhere: "Das Video entsteht dort oder auf anderen Rechnern, die der Betreiber dazugenommen hat. Sie bekommen das Bild verschlüsselt übertragen.",
    },
    model: (about) => `Der Betreiber sagt über das Modell: ${about}`,
    known: {
      network: "Zu jedem Bild wird aufgehoben: der Name der Datei, was dafür gewählt wurde, eine Prüfsumme der Datei, aus welcher Browsersitzung es kam und aus welchem Netz, damit die Reihe gerecht bleibt.",
      noNetwork: "Zu jedem Bild wird aufgehoben: der Name der Datei, was dafür gewählt wurde, eine Prüfsumme der Datei und aus welcher Browsersitzung es kam. Nicht das Netz, aus dem es kam, außer wenn ein Skript es ohne Sitzung gesendet hat.",
    },
  },
  seen: {
    title: "Wer kann sie sehen?",
    yours: "Sie, in dem Browser, der sie gesendet hat. Für jeden anderen Browser sind sie nicht da.",
    commands: "Befehle, die Sie mit diesem Browser verbunden haben.",
    links: (span) => `Wer einen Link zum Ansehen hat, den Sie erstellt haben: dieses Video und sonst nichts. Ein Link gilt ${span}, wenn Sie nichts anderes sagen, und Sie können ihn jederzeit widerrufen.`,
    scripts: "Was ein Skript ohne Sitzung sendet, sieht, wer die lange, zufällige Adresse kennt.",
    operator: "Wer diesen Server betreibt: Die Reihe, die Namen der Dateien und was das Modell ausgibt, sieht man dort, und was auf der Platte liegt, lässt sich lesen.",
    videos: {
      byBrowser: "Videos werden auf der Seite angesehen, mit einem Schlüssel für jede Ansicht, den der Browser selbst anwendet, und nicht als Dateien ausgegeben. Das hält ehrliche Leute ehrlich; ein Kopierschutz, den niemand überwinden könnte, ist es nicht.",
      byPage: "Videos werden auf der Seite angesehen, mit einem Schlüssel für jede Ansicht, und nicht als Dateien ausgegeben. Wo ein Browser nicht selbst entschlüsseln kann, tut es die Seite, was schwächer ist. Das hält ehrliche Leute ehrlich; ein Kopierschutz, den niemand überwinden könnte, ist es nicht.",
    },
    log: "Das Protokoll des Servers sagt zu jeder Anfrage, von welcher Netzadresse sie kam.",
    counted: (span) => `Jede Ansicht wird gezählt und steht im Protokoll des Servers. Derselbe Browser zählt einmal in dieser Zeit: ${span}.`,
  },
  kept: {
    title: "Wie lange wird es aufgehoben?",
    files: (span) => `Bild und Video: ${span}, sobald es fertig ist. Danach wird beides gelöscht.`,
    row: (span) => `Dass es ein solches Bild gab, mit seinem Namen und was daraus wurde: ${span}.`,
    forEver: "Bild und Video bleiben, bis Sie sie löschen oder Platz gebraucht wird.",
    room: (size) => `Alle fertigen Videos zusammen haben ${size}. Reicht das nicht, gehen sie früher: zuerst der Papierkorb, dann Bilder ohne Video, dann die ältesten Videos derer, die am meisten haben.`,
    pins: (size) => `Ein Video, das Sie anheften, bleibt, bis Sie es lösen. Aus einem Netz dürfen höchstens ${size} angeheftet sein.`,
    pinsWithoutLimit: "Ein Video, das Sie anheften, bleibt, bis Sie es lösen.",
    trash: (span) => `Was Sie löschen, liegt im Papierkorb und lässt sich wiederherstellen, so lange: ${span}, oder kürzer, wo Platz gebraucht wird.`,
    delete: "Endgültig gelöscht heißt gelöscht: Bild, Video und alles, was daraus gemacht wurde. Nur in Sicherungen, die der Betreiber vielleicht hat, bleiben sie so lange wie diese.",
  },
  elsewhere: {
    title: "Wer erfährt noch davon?",
    operatorsReceiver: "Ein Programm des Betreibers erfährt, wann jedes Bild begonnen wird und fertig ist. Es bekommt kein Bild, kein Video und keinen Namen.",
    ownReceivers: "Ein Skript darf ein eigenes Programm nennen, das dasselbe von seinen Bildern erfährt, unter denen, die der Betreiber zulässt.",
    push: "Wenn Sie es wünschen, erfährt Ihr Browser, dass ein Video fertig ist, auch wenn die Seite zu ist. Diese Nachricht geht verschlüsselt über den Dienst des Browserherstellers. Sie können das jederzeit beenden.",
    nobody: "Niemand.",
    page: "Diese Seite lädt nichts von anderswo. Sie hat einen Cookie, an dem Sie Ihre Bilder wiederfinden, und merkt sich in Ihrem Browser, was Sie hier gewählt haben.",
  },
};
