/* Owns every Polish word of the page; its shape is that of en.js, pl/'s that of en/. */

import { counting } from "./counting.js";

const { number, plural } = counting("pl");
const many = (n, one, few, several, other = several) =>
  plural(n, { one: `# ${one}`, few: `# ${few}`, many: `# ${several}`, other: `# ${other}` });
const whole = (text) => text.replaceAll(" ", "\u00a0");
const pictures = (n) => many(n, "obraz", "obrazy", "obrazów", "obrazu");
const videos = (n) => many(n, "film", "filmy", "filmów", "filmu");
const counted = (n, first) => (first ? many(n, "model", "modele", "modeli", "modelu") : number(n));

const ON_THE_WAY = {
  401: "wymaga zalogowania",
  403: "tego nie przepuszcza",
  407: "wymaga zalogowania",
  413: "nie przyjmuje plików tej wielkości",
  429: "dostał za dużo żądań",
  502: "nie może połączyć się z Leyline",
  503: "chwilowo nie może połączyć się z Leyline",
  504: "za długo czekał na Leyline",
};

export default {
  language: "pl",
  comma: ", ",

  page: {
    language: "Język",
    keys: "Klawisze",
    connect: "Połącz wiersz poleceń",
    about: "Co dzieje się z Twoimi obrazami",
    skip: "Przejdź do swoich obrazów",
    intake: "Wysyłanie obrazów",
    yours: "Twoje obrazy",
    notices: "Powiadomienia",
    show: "Pokaż",
    emptyFilter: "Takich teraz nie ma.",
    unknown: "Pod tym adresem nie ma obrazu. Być może go usunięto albo należy do kogoś innego.",
    older: "Wczytywanie starszych…",
    trash: "To, co jest w koszu, znika na zawsze po godzinie, albo wcześniej, gdy brakuje miejsca.",
  },

  intake: {
    choose: "Wybierz obrazy",
    photo: "Zrób zdjęcie",
    folder: "Wybierz folder",
    hint: "albo upuść lub wklej je w dowolnym miejscu strony",
    drop: "Upuść, aby wysłać",
    limits: (formats, megabytes, megapixels) =>
      `${formats}${megabytes ? `, do ${megabytes}\u00a0MB` : ""}${megapixels ? ` i ${megapixels} megapikseli` : ""}`,
    leftOut: (n) => `Pominięto ${many(n, "plik, który nie jest obrazem", "pliki, które nie są obrazami", "plików, które nie są obrazami", "pliku, który nie jest obrazem")}.`,
    nothing: "Nie ma tam obrazów.",
  },

  line: {
    ahead: (n) => (n === 0 ? "Nikogo przed Tobą" : `${number(n)} przed Tobą`),
    sentNow: (time) => `Obraz wysłany teraz byłby gotowy około ${time}.`,
    sentNowUnknown: "Obraz wysłany teraz trafia na koniec kolejki.",
    yours: (running, waiting) =>
      `Twoje: ${[running && `${number(running)} w toku`, waiting && many(waiting, "czeka", "czekają", "czeka")].filter(Boolean).join(", ")}`,
    others: (n) => `${many(n, "inny", "inne", "innych")} w kolejce`,
    one: (length, about) => `Twój film: ${about ? "około" : "jeszcze"}\u00a0${length}`,
    oneSoon: "Twój film: lada chwila",
    oneMade: "Twój film powstaje",
    oneWaits: "Twój film jest w kolejce",
    several: (n, time) => `Twoje\u00a0${number(n)}: ostatni o\u00a0${time}`,
    severalUnknown: (n) => `Twoje ${number(n)} w kolejce`,
    paused: "Kolejka jest wstrzymana",
    pausedDetail: "Obrazy wysłane teraz są przechowywane, aż kolejka ruszy.",
    drawing: (waiting, own) => `${pictures(waiting)} w kolejce, w tym Twoich: ${number(own)}`,
  },

  now: {
    of: (n, total) => `${number(n)} z ${number(total)}`,
    ready: (time) => `gotowy ${time}`,
    show: (name) => `Pokaż ${name}`,
    close: "Zamknij film",
  },

  model: {
    label: "Model",
    loading: "wczytuje się",
    ready: "gotowy",
    busy: "pracuje",
    restarting: "uruchamia się ponownie",
    failed: "nie uruchamia się",
    stopped: "zatrzymany",
    paused: "wstrzymany",
    none: "jeszcze żadnego",
    several: {
      busy: (n, first) => `${counted(n, first)} ${plural(n, { one: "pracuje", few: "pracują", many: "pracuje", other: "pracuje" })}`,
      ready: (n, first) => `${counted(n, first)} ${plural(n, { one: "gotowy", few: "gotowe", many: "gotowych", other: "gotowego" })}`,
      loading: (n, first) => `${counted(n, first)} ${plural(n, { one: "wczytuje się", few: "wczytują się", many: "wczytuje się", other: "wczytuje się" })}`,
      failed: (n, first) => `${counted(n, first)} nie ${plural(n, { one: "działa", few: "działają", many: "działa", other: "działa" })}`,
    },
    detail: {
      none: "Nie ma jeszcze modelu. Obrazy wysłane teraz na niego czekają.",
      loading: "Model się wczytuje. Obrazy wysłane teraz na niego czekają.",
      restarting: "Model zatrzymał się i jest uruchamiany ponownie. Nic nie ginie.",
      failed: "Model się nie uruchamia. Obrazy są przechowywane i czekają, aż ruszy.",
      stopped: "Serwer się zatrzymuje. Obrazy już wysłane są przechowywane.",
    },
  },

  connection: {
    connecting: "Łączenie…",
    reconnecting: "Ponowne łączenie…",
    model: "ponowne łączenie…",
    reconnectingDetail: "Tak było ostatnio. Nic nie ginie.",
    asks: "Wiadomości na żywo tu nie docierają, więc strona pyta serwer co kilka sekund.",
    away: (n) => {
      const made = plural(n, { one: "powstał # film", few: "powstały # filmy", many: "powstało # filmów", other: "powstało # filmu" });
      return `Pod Twoją nieobecność ${made}.`;
    },
  },

  card: {
    waiting: "Czeka na wysłanie",
    sending: "Wysyłanie",
    checking: "Sprawdzanie",
    refused: "Nie przyjęto",
    retrying: "Jeszcze nie wysłano",
    manyRefused: (n) => `Nie przyjęto ${many(n, "pliku", "plików", "plików", "pliku")}`,
    andMore: (n) => `i jeszcze ${number(n)}`,
    again: (seconds) => (seconds > 0 ? `Kolejna próba za\u00a0${number(seconds)}\u00a0s.` : "Kolejna próba."),
    next: "Następny w kolejce",
    place: (position, size) => `${number(position)} z ${number(size)} w kolejce`,
    queued: "W kolejce",
    putBack: "Znów następny w kolejce",
    canceling: "Anulowanie…",
    grace: (seconds) => `Anulowanie za\u00a0${number(seconds)}\u00a0s`,
    succeeded: "Gotowy",
    expired: "Już nie jest przechowywany",
    expiredDetail: "Film był przechowywany przez swój czas i został usunięty. Wyślij obraz jeszcze raz, aby mieć nowy.",
    failed: "Bez filmu",
    canceled: "Anulowano",
    trashed: "W koszu",
    trashedUntil: (time) => `Zniknie na zawsze o ${time}`,
    lastSeen: "Jak ostatnio widziano",
    attempt: (n, of) => `próba ${number(n)} z ${number(of)}: model wcześniej się zatrzymał`,
    readyAt: (time, in_) => `Gotowy o ${time}, ${in_}`,
    readyAbout: (time, in_) => `Gotowy około ${time}, ${in_}`,
    brief: (time, in_, about) => `${about ? "około " : ""}${time}, ${in_}`,
    anyMoment: "Gotowy lada chwila",
    waits: {
      paused: "Czeka, aż kolejka ruszy",
      model_loading: "Czeka, aż model się uruchomi",
      model_failed: "Czeka, aż model się uruchomi",
    },
    keptUntil: (date) => `Przechowywany do ${date}`,
    pinned: "Przechowywany, aż go odepniesz",
    goes: (in_) => `Zniknie ${in_}`,
    views: (n) => `obejrzano ${many(n, "raz", "razy", "razy", "raza")}`,
    alt: (name) => `Co model widzi na ${name}`,
    altPreview: (name) => `Najnowsza klatka z ${name}`,
    altLocal: (name) => `Obraz ${name}`,
    progress: (name) => `Postęp: ${name}`,
    unnamed: "Obraz",
  },

  stages: {
    "looking at the picture": "Ogląda go",
    generating: "Tworzy klatki", encoding: "Koduje", saving: "Zapisuje", starting: "Zaczyna",
  },

  timeline: {
    label: "Co się działo",
    uploaded: "wysłano",
    waited: (span) => `czekał ${span}`,
    waiting: (span) => `czeka ${span}`,
    ran: (span) => `trwał ${span}`,
    running: (span) => `trwa ${span}`,
  },

  actions: {
    cancel: "Anuluj",
    retry: "Spróbuj ponownie",
    again: "Wyślij ponownie",
    changes: "Wyślij ponownie ze zmianami",
    delete: "Usuń",
    restore: "Przywróć",
    purge: "Usuń na zawsze",
    replace: "Wybierz inny",
    link: "Linki do oglądania",
    play: "Odtwórz",
    theatre: "Kino",
    pin: "Przypnij",
    unpin: "Odepnij",
    open: "Pokaż więcej",
    shut: "Pokaż mniej",
    show: "Pokaż",
    undo: "Cofnij",
    moving: "Przesuń",
    dismiss: "Odrzuć",
    keep: "Zostaw",
    close: "Zamknij",
    of: (action, name) => `${action}: ${name}`,
  },

  clear: {
    all: (n) => `Usuń ${many(n, "zakończony", "zakończone", "zakończonych")}`,
    videos: (n) => `Usuń ${videos(n)}`,
    problems: (n) => `Usuń ${many(n, "problem", "problemy", "problemów", "problemu")}`,
    trash: (n) => `Usuń ${number(n)} na zawsze`,
  },

  filters: { all: "Wszystko", line: "W kolejce", videos: "Filmy", problems: "Problemy", trash: "Kosz" },

  toasts: {
    canceled: (name) => `Anulowano ${name}.`,
    deleted: (name) => `Usunięto ${name}.`,
    cleared: (n) => `Usunięto ${pictures(n)}.`,
    trashed: (name) => `${name} jest w koszu.`,
    manyTrashed: (n) => `${many(n, "obraz jest", "obrazy są", "obrazów jest", "obrazu jest")} w koszu.`,
    uploadCanceled: (name) => `${name} nie zostanie wysłany.`,
    failed: "Nie udało się. Spróbuj ponownie.",
    offline: "Serwer nie odpowiada. Spróbuj ponownie, gdy wróci.",
    notLoaded: "Nie udało się wczytać tej części strony. Odśwież stronę i spróbuj ponownie.",
  },

  bell: {
    off: "Daj znać, gdy gotowe",
    on: "Da znać, gdy gotowe",
    denied: "Przeglądarka nie pozwala tu na powiadomienia; rozlegnie się dźwięk.",
    title: (name) => `${name}: gotowe`,
    failedTitle: (name) => `Brak filmu z ${name}`,
  },

  player: {
    unsupported: "Ta przeglądarka nie odtwarza chronionych filmów. Użyj aktualnego Firefoksa, Chrome, Edge lub Safari.",
    failed: "Film się zatrzymał. Naciśnij odtwarzanie, aby spróbować ponownie.",
    rest: "Reszta jeszcze powstaje …",
    preparing: "Film jest dla Ciebie przygotowywany. Za chwilę sam się zacznie.",
    eme_needed: "Ten serwer pokazuje filmy tylko tam, gdzie odszyfrowuje je sama przeglądarka: pod jego adresem https, w aktualnym Firefoksie, Chrome, Edge lub Safari.",
  },

  title: {
    percent: (percent) => `${number(percent)}%`,
    busy: "w toku",
    waiting: (n) => many(n, "czeka", "czekają", "czeka"),
    sending: (n) => `wysyłanie: ${number(n)}`,
    done: (n) => many(n, "gotowy", "gotowe", "gotowych"),
    reconnecting: "ponowne łączenie…",
    home: "Leyline: z obrazu film",
  },

  heard: {
    queued: (name, place) => `${name} jest w kolejce${place ? `, miejsce ${number(place)}` : ""}.`,
    started: (name) => `${name}: początek.`,
    quarter: (name, percent) => `${name}: ${number(percent)} procent.`,
    succeeded: (name) => `Film z ${name} jest gotowy.`,
    failed: (name, why) => `Brak filmu z ${name}. ${why}`,
    grace: (name) => `${name}: anulowanie za 5 sekund, o ile tego nie zatrzymasz.`,
    canceled: (name) => `Anulowano ${name}.`,
    putback: (name) => `${name} jest znów następny w kolejce.`,
    refused: (name, why) => `Nie przyjęto ${name}. ${why}`,
    many: {
      queued: (n) => `${many(n, "obraz jest", "obrazy są", "obrazów jest", "obrazu jest")} w kolejce.`,
      started: (n) => `Rozpoczęto ${pictures(n)}.`,
      quarter: (n) => `Postęp: ${pictures(n)}.`,
      succeeded: (n) => `${many(n, "film jest gotowy", "filmy są gotowe", "filmów jest gotowych", "filmu jest gotowe")}.`,
      failed: (n) => `Bez filmu: ${pictures(n)}.`,
      grace: (n) => `Anulowanie za 5 sekund, o ile tego nie zatrzymasz: ${pictures(n)}.`,
      canceled: (n) => `Anulowano ${pictures(n)}.`,
      putback: (n) => `${many(n, "obraz jest", "obrazy są", "obrazów jest", "obrazu jest")} znów w kolejce.`,
      refused: (n) => `Nie przyjęto: ${pictures(n)}.`,
    },
    reconnecting: "Utracono połączenie. Ponowne łączenie.",
    live: "Znów połączono.",
  },

  span: {
    second: (n) => `za\u00a0${number(n)}\u00a0s`,
    minute: (n) => `za\u00a0${number(n)}\u00a0min`,
    hour: (n) => `za\u00a0${whole(many(n, "godzinę", "godziny", "godzin", "godziny"))}`,
    day: (n) => `za\u00a0${whole(many(n, "dzień", "dni", "dni", "dnia"))}`,
  },
  length: {
    second: (n) => `${number(n)}\u00a0s`,
    minute: (n) => `${number(n)}\u00a0min`,
    hour: (n) => whole(many(n, "godzina", "godziny", "godzin", "godziny")),
    day: (n) => whole(many(n, "dzień", "dni", "dni", "dnia")),
  },

  steps: [
    ["Wyślij", "Upuść jeden obraz albo cały folder."],
    ["Czekaj i wiedz", "Zobacz jego miejsce w kolejce i kiedy będzie gotowy."],
    ["Obejrzyj", "Film odtwarza się od razu tutaj."],
  ],

  numbered: {
    too_large: (size, most) => `Plik ma ${size}\u00a0MB; ten serwer przyjmuje najwyżej ${most}\u00a0MB. Wyślij mniejszy.`,
    too_many_pixels: (size, most) => `Obraz ma ${size}\u00a0megapikseli; limit to ${most}. Zmniejsz go i wyślij ponownie.`,
  },
  
  why: {
    too_large: (size, most) => `${size}\u00a0MB; najwyżej ${most}\u00a0MB`,
    too_many_pixels: (size, most) => `${size}\u00a0megapikseli; najwyżej ${most}`,
    empty_file: "pusty",
    not_a_picture: "to nie obraz",
    unsupported_format: "nieobsługiwany rodzaj obrazu",
    damaged_picture: "uszkodzony",
    unreadable: "nie da się go już odczytać; wybierz go jeszcze raz",
  },
  
  modelSays: (text) => `Model mówi: „${text}”`,

  onTheWay: (status) => `Serwer po drodze ${ON_THE_WAY[status] ?? "to odrzucił"} (${status}).`,

  problems: {
    no_cookies: "Nie wysłano: bez plików cookie strona nie pokaże Ci filmu. Zezwól na nie i odśwież stronę.",
    no_session: "Otwórz tę stronę jeszcze raz: przeglądarka straciła swoją sesję.",
    watch_only: "Ten film ogląda się na jego stronie.",
    ticket_refused: "To odtwarzanie się skończyło. Włącz film jeszcze raz.",
    view_ended: "To odtwarzanie się skończyło: tym razem film nie został ukończony.",
    key_used: "To odtwarzanie się skończyło. Włącz film jeszcze raz.",
    link_over: "Ten link wygasł. Poproś o nowy osobę, która go wysłała.",
    link_not_ready: "Film jest przygotowywany. Spróbuj ponownie za chwilę.",
    label_not_drawable: "Żadna czcionka na tym serwerze nie ma wszystkich liter tego napisu. Użyj innych albo go nie wtapiaj.",
    too_many_links: "Ten film osiągnął limit linków. Najpierw wycofaj jeden.",
    views_busy: "Wiele osób otwiera właśnie filmy. Spróbuj ponownie za sekundę.",
    not_ready: "Film nie jest jeszcze gotowy.",
    pin_limit: "Przypięto już tyle filmów, ile można. Najpierw odepnij jeden.",
    in_trash: "Film jest w koszu. Najpierw go przywróć.",
    no_video: "Z tego obrazu nie ma filmu.",
    preview_over: "To już koniec, więc podglądu też nie ma.",
    empty_file: "Plik jest pusty. Wybierz inny obraz.",
    too_large: "Plik jest za duży. Wyślij mniejszy.",
    not_a_picture: "Ten plik nie jest obrazem. Wyślij plik JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF lub HEIC.",
    unsupported_format: "Ten rodzaj obrazu nie jest obsługiwany. Zapisz go jako JPEG lub PNG i taki wyślij.",
    damaged_picture: "Obraz jest uszkodzony i nie daje się odczytać do końca. Wyeksportuj go jeszcze raz i wyślij nowy plik.",
    too_many_pixels: "Obraz ma za dużo pikseli. Zmniejsz go i wyślij ponownie.",
    line_full: "Kolejka jest pełna.",
    client_limit: "Ty albo wszyscy w Twojej sieci osiągnęliście limit.",
    stopping: "Serwer uruchamia się ponownie.",
    database_busy: "Serwer jest zajęty.",
    pictures_busy: "Serwer nie mógł w tej chwili odczytać obrazów.",
    disk_low: "Dysk serwera jest prawie pełny.",
    token_needed: "Ten serwer wymaga tokenu dostępu.",
    offline: "Serwer nie odpowiada.",
    unreadable: "Pliku nie da się już odczytać. Wybierz go jeszcze raz.",
    bad_parameters: "Model nie przyjmuje tych ustawień. Zmień to, co zaznaczono.",
    model_loading: "Model się wczytuje; nie wiadomo jeszcze, co można wybrać.",
    parameters_changed: "Model się zmienił i te ustawienia już do niego nie pasują. Wyślij obraz ponownie.",
    model_error: "Model nie zdołał zrobić filmu z tego obrazu.",
    model_out_of_memory: "Modelowi zabrakło pamięci na ten obraz. Mniejszy może się udać.",
    unsuitable: "Model mówi, że nie może zrobić filmu z tego obrazu.",
    model_crashed: "Model za każdym razem ulegał awarii przy tym obrazie.",
    interrupted: "Ten obraz zbyt często przerywano: przez zatrzymania lub błędy serwera, pełny dysk albo utracone maszyny.",
    picture_lost: "Na serwerze brakuje pliku obrazu. Wyślij go ponownie.",
    picture_missing: "Na serwerze brakuje pliku obrazu. Wyślij go ponownie.",
    video_missing: "Na serwerze brakuje pliku filmu. Wyślij obraz ponownie.",
    expired: "Film był przechowywany przez swój czas i został usunięty. Wyślij obraz ponownie.",
    not_found: "Już tego nie ma.",
    task_running: "To jest w toku. Najpierw anuluj.",
    task_finished: "To się już zakończyło.",
    task_not_finished: "To się jeszcze nie zakończyło. Najpierw anuluj albo poczekaj do końca.",
    method_not_allowed: "Ten serwer tego nie potrafi.",
  },
};
