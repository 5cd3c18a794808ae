/* Owns every German word of the page; its shape is that of en.js, and a test holds the two together. */

const many = (n, one, other) => `${n} ${n === 1 ? one : other}`;
const pictures = (n) => many(n, "Bild", "Bilder");
const videos = (n) => many(n, "Video", "Videos");

const ON_THE_WAY = {
  401: "verlangt eine Anmeldung",
  403: "lässt das nicht durch",
  407: "verlangt eine Anmeldung",
  413: "nimmt keine so großen Dateien an",
  429: "bekam zu viele Anfragen",
  502: "erreicht Leyline nicht",
  503: "erreicht Leyline gerade nicht",
  504: "hat zu lange auf Leyline gewartet",
};

export default {
  language: "de",

  page: {
    skip: "Zu Ihren Bildern springen",
    intake: "Bilder senden",
    yours: "Ihre Bilder",
    notices: "Hinweise",
    show: "Zeigen",
    emptyFilter: "Davon gibt es gerade keine.",
    unknown: "Unter dieser Adresse gibt es kein Bild. Vielleicht wurde es gelöscht oder gehört jemand anderem.",
    older: "Ältere werden geladen…",
  },

  intake: {
    choose: "Bilder auswählen",
    photo: "Foto aufnehmen",
    folder: "Ordner auswählen",
    hint: "oder irgendwo auf dieser Seite ablegen oder einfügen",
    drop: "Zum Senden loslassen",
    limits: (formats, megabytes, megapixels) =>
      `${formats}${megabytes ? `, bis ${megabytes} MB` : ""}${megapixels ? ` und ${megapixels} Megapixel` : ""}`,
    leftOut: (n) => `${many(n, "Datei ist kein Bild und wurde", "Dateien sind keine Bilder und wurden")} weggelassen.`,
    nothing: "Darin sind keine Bilder.",
  },

  line: {
    ahead: (n, text) => (n === 0 ? "Niemand davor" : `${text} davor`),
    sentNow: (time) => `Ein jetzt gesendetes Bild wäre etwa um ${time} fertig.`,
    sentNowUnknown: "Ein jetzt gesendetes Bild kommt ans Ende der Reihe.",
    yours: (running, waiting) =>
      `Ihre: ${[running && `${running} in Arbeit`, waiting && `${waiting} in der Reihe`].filter(Boolean).join(", ")}`,
    yoursReady: (time) => `das letzte fertig etwa um ${time}`,
    paused: "Die Reihe ist angehalten",
    pausedDetail: "Jetzt gesendete Bilder werden aufbewahrt, bis es weitergeht.",
    drawing: (waiting, own) => `${pictures(waiting)} in der Reihe, ${own} davon von Ihnen`,
  },

  model: {
    label: "Modell",
    loading: "wird geladen",
    ready: "bereit",
    busy: "bei der Arbeit",
    restarting: "startet neu",
    failed: "startet nicht",
    stopped: "angehalten",
    paused: "Pause",
    detail: {
      loading: "Das Modell wird geladen. Jetzt gesendete Bilder warten darauf.",
      restarting: "Das Modell ist stehen geblieben und wird neu gestartet. Nichts geht verloren.",
      failed: "Das Modell startet nicht. Die Bilder werden aufbewahrt und warten, bis es läuft.",
      stopped: "Der Server hält an. Schon gesendete Bilder bleiben erhalten.",
    },
  },

  connection: {
    connecting: "Wird verbunden…",
    reconnecting: "Wird neu verbunden…",
    model: "wird neu verbunden…",
    reconnectingDetail: "Was Sie sehen, ist der letzte Stand. Nichts geht verloren.",
    asks: "Live-Meldungen kommen hier nicht durch; diese Seite fragt den Server stattdessen alle paar Sekunden.",
    away: (n) => `${videos(n)} ${n === 1 ? "wurde" : "wurden"} fertig, während Sie weg waren.`,
  },

  card: {
    waiting: "Wird gleich gesendet",
    sending: "Wird gesendet",
    checking: "Wird geprüft",
    refused: "Nicht angenommen",
    retrying: "Noch nicht gesendet",
    again: (seconds) => (seconds > 0 ? `Neuer Versuch in ${seconds} s.` : "Neuer Versuch."),
    next: "Als Nächstes dran",
    place: (position, size) => `Platz ${position} von ${size}`,
    queued: "In der Reihe",
    putBack: "Wieder als Nächstes dran",
    canceling: "Wird abgebrochen…",
    succeeded: "Fertig",
    expired: "Nicht mehr aufbewahrt",
    expiredDetail: "Das Video wurde seine Zeit lang aufbewahrt. Senden Sie das Bild für ein neues noch einmal.",
    failed: "Kein Video",
    canceled: "Abgebrochen",
    lastSeen: "Wie zuletzt gesehen",
    attempt: (n, of) => `Versuch ${n} von ${of}: das Modell ist vorher stehen geblieben`,
    readyAt: (time, in_) => `Fertig um ${time}, ${in_}`,
    readyAbout: (time, in_) => `Fertig etwa um ${time}, ${in_}`,
    anyMoment: "Gleich fertig",
    pausedLine: "Wartet, bis die Reihe weitergeht",
    keptUntil: (date) => `Aufbewahrt bis ${date}`,
    views: (n) => (n === 1 ? "einmal angesehen" : `${n}-mal angesehen`),
    alt: (name) => `Was das Modell von ${name} sieht`,
    altPreview: (name) => `Neuestes Einzelbild aus ${name}`,
    altLocal: (name) => `Das Bild ${name}`,
    progress: (name) => `Fortschritt von ${name}`,
    unnamed: "Bild",
  },

  stages: {
    "looking at the picture": "Sieht es sich an",
    generating: "Einzelbilder entstehen", encoding: "Wird kodiert", saving: "Wird gesichert", starting: "Beginnt",
  },

  timeline: {
    label: "Verlauf",
    uploaded: "gesendet",
    waited: (span) => `gewartet ${span}`,
    waiting: (span) => `wartet ${span}`,
    ran: (span) => `lief ${span}`,
    running: (span) => `läuft ${span}`,
  },

  actions: {
    cancel: "Abbrechen",
    retry: "Noch einmal",
    again: "Noch einmal senden",
    delete: "Löschen",
    replace: "Anderes wählen",
    link: "Links zum Ansehen",
    play: "Abspielen",
    undo: "Rückgängig",
    close: "Schließen",
    clear: "Fertige löschen",
    of: (action, name) => `${action}: ${name}`,
  },

  filters: { all: "Alle", line: "In der Reihe", videos: "Videos", problems: "Probleme" },

  toasts: {
    canceled: (name) => `${name} wurde abgebrochen.`,
    deleted: (name) => `${name} wurde gelöscht.`,
    cleared: (n) => `${pictures(n)} gelöscht.`,
    uploadCanceled: (name) => `${name} wird nicht gesendet.`,
    failed: "Das hat nicht geklappt. Versuchen Sie es noch einmal.",
    offline: "Der Server antwortet nicht. Versuchen Sie es noch einmal, wenn er wieder da ist.",
    copied: "Der Link ist kopiert.",
    notLoaded: "Dieser Teil der Seite konnte nicht geladen werden. Laden Sie die Seite neu und versuchen Sie es noch einmal.",
  },

  bell: {
    off: "Bescheid geben, wenn fertig",
    on: "Gibt Bescheid, wenn fertig",
    denied: "Ihr Browser erlaubt hier keine Mitteilungen; es ertönt ein Klang.",
    title: (name) => `${name} ist fertig`,
    failedTitle: (name) => `Kein Video aus ${name}`,
  },

  links: {
    title: (name) => `Links zum Ansehen von ${name}`,
    intro: "Wer einen Link hat, kann dieses eine Video ansehen und sonst nichts.",
    make: "Link erstellen",
    copy: "Kopieren",
    revoke: "Widerrufen",
    none: "Es gibt noch keinen Link.",
    address: "Link",
    hidden: "Die Adresse wurde einmal gezeigt, beim Erstellen des Links",
    until: (date) => `gilt bis ${date}`,
    ended: "ist abgelaufen",
    label: "Für wen er ist (steht über dem Video, freiwillig)",
    burn: "Das fest ins Bild schreiben (dauert beim ersten Ansehen einen Moment)",
    days: "Wie viele Tage er gilt",
    most: "Wie oft man das Video ansehen darf (leer: beliebig oft)",
    views: (n, most) => (most ? `${n} von höchstens ${most} Malen angesehen` : n ? `${n === 1 ? "einmal" : `${n}-mal`} angesehen` : "noch nicht angesehen"),
  },

  player: {
    unsupported: "Dieser Browser kann geschützte Videos nicht abspielen. Nehmen Sie einen aktuellen Firefox, Chrome, Edge oder Safari.",
    failed: "Das Video ist stehen geblieben. Drücken Sie auf Abspielen, um es noch einmal zu versuchen.",
    preparing: "Das Video wird für Sie vorbereitet. Es läuft gleich von selbst.",
    eme_needed: "Dieser Server zeigt Videos nur dort, wo der Browser selbst sie entschlüsselt: unter seiner https-Adresse, in einem aktuellen Firefox, Chrome, Edge oder Safari.",
  },

  watch: {
    title: "Ein Video zum Ansehen für Sie",
    none: "Hier gibt es kein Video zu sehen",
    unknown: "Diesen Link gibt es nicht. Prüfen Sie, ob die Adresse vollständig ist.",
  },

  admission: {
    title: "Dieser Server verlangt ein Zugangswort",
    label: "Zugangswort",
    enter: "Eintreten",
    wrong: "Dieses Zugangswort stimmt nicht.",
  },

  title: {
    percent: (percent) => `${percent} %`,
    waiting: (n) => `${n} ${n === 1 ? "wartet" : "warten"}`,
    sending: (n) => `${n} ${n === 1 ? "wird" : "werden"} gesendet`,
    done: (n) => `${n} fertig`,
    reconnecting: "wird neu verbunden…",
    home: "Leyline: aus einem Bild ein Video",
  },

  heard: {
    queued: (name, place) => `${name} ist in der Reihe${place ? `, Platz ${place}` : ""}.`,
    started: (name) => `${name} hat begonnen.`,
    quarter: (name, percent) => `${name}: ${percent} Prozent.`,
    succeeded: (name) => `Das Video aus ${name} ist fertig.`,
    failed: (name, why) => `Kein Video aus ${name}. ${why}`,
    canceled: (name) => `${name} ist abgebrochen.`,
    putback: (name) => `${name} ist wieder als Nächstes dran.`,
    refused: (name, why) => `${name} wurde nicht angenommen. ${why}`,
    many: {
      queued: (n) => `${pictures(n)} sind in der Reihe.`,
      started: (n) => `${pictures(n)} haben begonnen.`,
      quarter: (n) => `${pictures(n)} sind weiter.`,
      succeeded: (n) => `${videos(n)} sind fertig.`,
      failed: (n) => `Kein Video für ${pictures(n)}.`,
      canceled: (n) => `${pictures(n)} abgebrochen.`,
      putback: (n) => `${pictures(n)} sind wieder in der Reihe.`,
      refused: (n) => `${pictures(n)} wurden nicht angenommen.`,
    },
    reconnecting: "Die Verbindung ist unterbrochen. Wird neu verbunden.",
    live: "Wieder verbunden.",
  },

  span: {
    second: (n) => `in ${n} s`,
    minute: (n) => `in ${n} min`,
    hour: (n) => `in ${many(n, "Stunde", "Stunden")}`,
    day: (n) => `in ${many(n, "Tag", "Tagen")}`,
  },

  steps: [
    ["Senden", "Ein Bild ablegen, oder einen ganzen Ordner."],
    ["Wissend warten", "Den Platz in der Reihe sehen, und wann es fertig ist."],
    ["Ansehen", "Das Video läuft gleich hier."],
  ],

  onTheWay: (status) => `Ein Server auf dem Weg ${ON_THE_WAY[status] ?? "hat das abgelehnt"} (${status}).`,

  problems: {
    no_cookies: "Nicht gesendet: ohne Cookies kann diese Seite Ihnen Ihr Video nicht zeigen. Erlauben Sie sie und laden Sie neu.",
    no_session: "Öffnen Sie diese Seite noch einmal: der Browser hat seine Sitzung verloren.",
    watch_only: "Dieses Video ist zum Ansehen auf seiner Seite da.",
    ticket_refused: "Diese Ansicht ist vorbei. Starten Sie das Video noch einmal.",
    key_used: "Diese Ansicht ist vorbei. Starten Sie das Video noch einmal.",
    link_over: "Dieser Link ist abgelaufen. Bitten Sie die Person, die ihn geschickt hat, um einen neuen.",
    link_not_ready: "Das Video wird vorbereitet. Versuchen Sie es gleich noch einmal.",
    label_not_drawable: "Keine Schrift auf diesem Server hat alle Zeichen davon. Nehmen Sie andere, oder lassen Sie es nicht ins Bild schreiben.",
    too_many_links: "Dieses Video hat so viele Links, wie ein Video haben darf. Widerrufen Sie zuerst einen.",
    views_busy: "Gerade öffnen viele Menschen Videos. Versuchen Sie es in einer Sekunde noch einmal.",
    not_ready: "Das Video ist noch nicht fertig.",
    empty_file: "Die Datei ist leer. Wählen Sie ein anderes Bild.",
    too_large: "Die Datei ist zu groß. Senden Sie eine kleinere.",
    not_a_picture: "Diese Datei ist kein Bild. Senden Sie JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF oder HEIC.",
    unsupported_format: "Diese Art von Bild wird nicht unterstützt. Speichern Sie es als JPEG oder PNG und senden Sie das.",
    damaged_picture: "Das Bild ist beschädigt und nicht bis zum Ende lesbar. Exportieren Sie es neu und senden Sie die neue Datei.",
    too_many_pixels: "Das Bild hat zu viele Pixel. Verkleinern Sie es und senden Sie es noch einmal.",
    line_full: "Die Reihe ist voll.",
    client_limit: "Sie haben so viele Bilder in der Reihe, wie eine Person haben darf.",
    stopping: "Der Server startet neu.",
    database_busy: "Der Server ist beschäftigt.",
    pictures_busy: "Der Server konnte in diesem Moment keine Bilder lesen.",
    disk_low: "Der Speicher des Servers ist fast voll.",
    token_needed: "Dieser Server verlangt ein Zugangswort.",
    offline: "Der Server antwortet nicht.",
    unreadable: "Die Datei ist nicht mehr lesbar. Wählen Sie sie noch einmal.",
    model_error: "Das Modell konnte aus diesem Bild kein Video machen.",
    model_out_of_memory: "Dem Modell ging bei diesem Bild der Speicher aus. Ein kleineres könnte gehen.",
    model_crashed: "Das Modell ist bei diesem Bild jedes Mal abgestürzt.",
    interrupted: "Dieses Bild wurde zu oft unterbrochen, durch Halte oder Fehler des Servers oder eine volle Platte.",
    picture_lost: "Die Bilddatei fehlt auf dem Server. Senden Sie das Bild noch einmal.",
    picture_missing: "Die Bilddatei fehlt auf dem Server. Senden Sie das Bild noch einmal.",
    video_missing: "Die Videodatei fehlt auf dem Server. Senden Sie das Bild noch einmal.",
    expired: "Das Video wurde seine Zeit lang aufbewahrt. Senden Sie das Bild noch einmal.",
    not_found: "Das gibt es nicht mehr.",
    task_running: "Es läuft gerade. Brechen Sie es zuerst ab.",
    task_finished: "Es ist schon fertig.",
    task_not_finished: "Es ist noch nicht fertig.",
    method_not_allowed: "Das kann dieser Server nicht.",
  },
};
