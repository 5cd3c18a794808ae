/* Owns every Arabic word of the page; its shape is that of en.js, ar/'s that of en/.
   The danger is a file's name of Latin letters in a line that runs the other way: it is set apart, so that its ends stay
   where they are. */

import { counting } from "./counting.js";

const { number, plural } = counting("ar");
const apart = (text) => `\u2068${text}\u2069`;
const many = (n, zero, one, two, few, several) =>
  plural(n, { zero, one, two, few: `# ${few}`, many: `# ${several}`, other: `# ${several}` });
const whole = (text) => text.replaceAll(" ", "\u00a0");
const pictures = (n) => many(n, "لا صور", "صورة واحدة", "صورتان", "صور", "صورة");
const videos = (n) => many(n, "لا مقاطع", "مقطع واحد", "مقطعان", "مقاطع", "مقطعًا");
const counted = (n, first) => (first ? many(n, "لا نماذج", "نموذج واحد", "نموذجان", "نماذج", "نموذجًا") : number(n));

const ON_THE_WAY = {
  401: "يطلب تسجيل الدخول",
  403: "لا يسمح بمرور هذا",
  407: "يطلب تسجيل الدخول",
  413: "لا يقبل ملفات بهذا الحجم",
  429: "تلقّى طلبات كثيرة جدًا",
  502: "لا يستطيع الوصول إلى Leyline",
  503: "لا يستطيع الوصول إلى Leyline في الوقت الحالي",
  504: "انتظر Leyline أطول مما ينبغي",
};

export default {
  language: "ar",
  comma: "، ",

  page: {
    language: "اللغة",
    keys: "المفاتيح",
    connect: "ربط سطر الأوامر",
    about: "ماذا يحدث لصورك",
    skip: "الانتقال إلى صورك",
    intake: "إرسال الصور",
    yours: "صورك",
    notices: "إشعارات",
    show: "عرض",
    emptyFilter: "لا شيء منها في الوقت الحالي.",
    unknown: "لا توجد صورة في هذا العنوان. ربما حُذفت أو تخص شخصًا آخر.",
    older: "جارٍ تحميل الأقدم…",
    trash: "ما في سلة المهملات يُحذف نهائيًا بعد ساعة، أو قبل ذلك عند الحاجة إلى مساحة.",
  },

  intake: {
    choose: "اختيار صور",
    photo: "التقاط صورة",
    folder: "اختيار مجلد",
    hint: "أو أفلتها أو ألصقها في أي مكان من هذه الصفحة",
    drop: "أفلت للإرسال",
    limits: (formats, megabytes, megapixels) =>
      `${formats}${megabytes ? `، حتى ${megabytes}\u00a0م.ب` : ""}${megapixels ? ` و${megapixels} ميغابكسل` : ""}`,
    leftOut: (n) => `استُبعدت ملفات ليست صورًا: ${number(n)}.`,
    nothing: "لا توجد صور في ذلك.",
  },

  line: {
    ahead: (n) => (n === 0 ? "لا أحد أمامك" : `${number(n)} أمامك`),
    sentNow: (time) => `الصورة التي تُرسل الآن تجهز نحو ${apart(time)}.`,
    sentNowUnknown: "الصورة التي تُرسل الآن تقف في آخر الصف.",
    yours: (running, waiting) =>
      `لك: ${[running && `${number(running)} قيد الإنشاء`, waiting && `${number(waiting)} في الانتظار`].filter(Boolean).join("، ")}`,
    others: (n) => `${many(n, "لا صور أخرى", "صورة أخرى", "صورتان أخريان", "صور أخرى", "صورة أخرى")} في الصف`,
    one: (length, about) => `مقطعك: ${about ? "نحو" : "بقي"}\u00a0${length}`,
    oneSoon: "مقطعك: في أي لحظة",
    oneMade: "مقطعك قيد الإنشاء",
    oneWaits: "مقطعك في الصف",
    several: (n, time) => `صورك\u00a0${number(n)}: آخرها\u00a0${apart(time)}`,
    severalUnknown: (n) => `لك ${number(n)} في الصف`,
    paused: "الصف متوقف مؤقتًا",
    pausedDetail: "تُحفظ الصور التي تُرسل الآن حتى يتحرك الصف.",
    drawing: (waiting, own) => `${pictures(waiting)} في الصف، منها لك ${number(own)}`,
  },

  now: {
    of: (n, total) => `${number(n)} من ${number(total)}`,
    ready: (time) => `تجهز ${apart(time)}`,
    show: (name) => `عرض ${apart(name)}`,
    close: "إغلاق المقطع",
  },

  model: {
    label: "النموذج",
    loading: "قيد التحميل",
    ready: "جاهز",
    busy: "يعمل",
    restarting: "يُعاد تشغيله",
    failed: "لا يبدأ",
    stopped: "متوقف",
    paused: "متوقف مؤقتًا",
    none: "لا يوجد بعد",
    several: {
      busy: (n, first) => `${counted(n, first)} قيد العمل`,
      ready: (n, first) => `${counted(n, first)} على استعداد`,
      loading: (n, first) => `${counted(n, first)} قيد التحميل`,
      failed: (n, first) => `${counted(n, first)} خارج العمل`,
    },
    detail: {
      none: "لم ينضم أي نموذج بعد. الصور التي تُرسل الآن تنتظره.",
      loading: "النموذج قيد التحميل. الصور التي تُرسل الآن تنتظره.",
      restarting: "توقف النموذج ويُعاد تشغيله الآن. لا يضيع شيء.",
      failed: "النموذج لا يبدأ. تُحفظ الصور وتنتظر حتى يبدأ.",
      stopped: "الخادم يتوقف. الصور المُرسلة محفوظة.",
    },
  },

  connection: {
    connecting: "جارٍ الاتصال…",
    reconnecting: "جارٍ إعادة الاتصال…",
    model: "جارٍ إعادة الاتصال…",
    reconnectingDetail: "هذه آخر حالة معروفة. لا يضيع شيء.",
    asks: "الأخبار المباشرة لا تصل إلى هنا، لذا تسأل هذه الصفحة الخادم كل بضع ثوانٍ.",
    away: (n) => `أثناء غيابك اكتمل: ${videos(n)}.`,
  },

  card: {
    waiting: "بانتظار الإرسال",
    sending: "قيد الإرسال",
    checking: "قيد الفحص",
    refused: "لم تُقبل",
    retrying: "لم تُرسل بعد",
    manyRefused: (n) => many(n, "لا ملفات مرفوضة", "لم يُقبل ملف واحد", "لم يُقبل ملفان", "ملفات لم تُقبل", "ملفًا لم يُقبل"),
    andMore: (n) => `و${number(n)} أخرى`,
    again: (seconds) => (seconds > 0 ? `محاولة جديدة بعد\u00a0${number(seconds)}\u00a0ث.` : "محاولة جديدة."),
    next: "التالية في الصف",
    place: (position, size) => `${number(position)} من ${number(size)} في الصف`,
    queued: "في الصف",
    putBack: "التالية مرة أخرى",
    canceling: "جارٍ الإلغاء…",
    grace: (seconds) => `تُلغى بعد\u00a0${number(seconds)}\u00a0ث`,
    succeeded: "جاهز",
    expired: "لم يعد محفوظًا",
    expiredDetail: "حُفظ المقطع مدته ثم أُزيل. أرسل الصورة مرة أخرى للحصول على مقطع جديد.",
    failed: "لا مقطع",
    canceled: "أُلغيت",
    trashed: "في سلة المهملات",
    trashedUntil: (time) => `تُحذف نهائيًا عند ${apart(time)}`,
    lastSeen: "آخر حالة معروفة",
    attempt: (n, of) => `المحاولة ${number(n)} من ${number(of)}: توقف النموذج قبلها`,
    readyAt: (time, in_) => `تجهز عند ${apart(time)}، ${in_}`,
    readyAbout: (time, in_) => `تجهز نحو ${apart(time)}، ${in_}`,
    brief: (time, in_, about) => `${about ? "نحو " : ""}${apart(time)}، ${in_}`,
    anyMoment: "تجهز في أي لحظة",
    waits: {
      paused: "تنتظر حتى يتحرك الصف",
      model_loading: "تنتظر حتى يبدأ النموذج",
      model_failed: "تنتظر حتى يبدأ النموذج",
    },
    keptUntil: (date) => `محفوظ حتى ${apart(date)}`,
    pinned: "محفوظ حتى تلغي تثبيته",
    goes: (in_) => `يُزال ${in_}`,
    views: (n) => many(n, "لم يُشاهد", "شوهد مرة واحدة", "شوهد مرتين", "مشاهدات", "مشاهدة"),
    alt: (name) => `ما يراه النموذج من ${apart(name)}`,
    altPreview: (name) => `أحدث إطار من ${apart(name)}`,
    altLocal: (name) => `الصورة ${apart(name)}`,
    progress: (name) => `تقدّم ${apart(name)}`,
    unnamed: "صورة",
  },

  stages: {
    "looking at the picture": "ينظر إليها",
    generating: "ينشئ الإطارات", encoding: "يرمّز", saving: "يحفظ", starting: "يبدأ",
  },

  timeline: {
    label: "ما حدث",
    uploaded: "أُرسلت",
    waited: (span) => `انتظرت ${apart(span)}`,
    waiting: (span) => `تنتظر ${apart(span)}`,
    ran: (span) => `استغرقت ${apart(span)}`,
    running: (span) => `تعمل ${apart(span)}`,
  },

  actions: {
    cancel: "إلغاء",
    retry: "إعادة المحاولة",
    again: "إرسال مرة أخرى",
    changes: "إرسال مع تغييرات",
    delete: "حذف",
    restore: "استعادة",
    purge: "حذف نهائي",
    replace: "اختيار أخرى",
    link: "روابط المشاهدة",
    play: "تشغيل",
    theatre: "عرض كبير",
    pin: "تثبيت",
    unpin: "إلغاء التثبيت",
    open: "عرض المزيد",
    shut: "عرض أقل",
    show: "عرض",
    undo: "تراجع",
    moving: "نقل",
    dismiss: "إخفاء",
    keep: "الإبقاء عليها",
    close: "إغلاق",
    of: (action, name) => `${action}: ${apart(name)}`,
  },

  clear: {
    all: (n) => `حذف المنتهية (${number(n)})`,
    videos: (n) => `حذف المقاطع (${number(n)})`,
    problems: (n) => `حذف المشكلات (${number(n)})`,
    trash: (n) => `حذف نهائي (${number(n)})`,
  },

  filters: { all: "الكل", line: "في الصف", videos: "المقاطع", problems: "المشكلات", trash: "السلة" },

  toasts: {
    canceled: (name) => `أُلغي ${apart(name)}.`,
    deleted: (name) => `حُذف ${apart(name)}.`,
    cleared: (n) => many(n, "لم تُحذف صور.", "حُذفت صورة واحدة.", "حُذفت صورتان.", "صور حُذفت.", "صورة حُذفت."),
    trashed: (name) => `${apart(name)} في سلة المهملات.`,
    manyTrashed: (n) => `${pictures(n)} في سلة المهملات.`,
    uploadCanceled: (name) => `لن يُرسل ${apart(name)}.`,
    failed: "لم ينجح ذلك. حاول مرة أخرى.",
    offline: "الخادم لا يستجيب. حاول مرة أخرى عندما يعود.",
    notLoaded: "تعذّر تحميل هذا الجزء من الصفحة. أعد تحميل الصفحة وحاول مرة أخرى.",
  },

  bell: {
    off: "أخبرني عند الانتهاء",
    on: "سيخبرك عند الانتهاء",
    denied: "متصفحك لا يسمح بالإشعارات هنا؛ سيُشغَّل صوت بدلًا منها.",
    title: (name) => `${apart(name)} جاهز`,
    failedTitle: (name) => `لا مقطع من ${apart(name)}`,
  },

  player: {
    unsupported: "لا يستطيع هذا المتصفح تشغيل المقاطع المحمية. استخدم إصدارًا حديثًا من Firefox أو Chrome أو Edge أو Safari.",
    failed: "توقف المقطع. اضغط تشغيل للمحاولة مرة أخرى.",
    rest: "البقية قيد الإنشاء …",
    preparing: "يُجهَّز المقطع لك. سيبدأ وحده بعد لحظة.",
    eme_needed: "لا يعرض هذا الخادم المقاطع إلا حيث يفك المتصفح نفسه تشفيرها: على عنوانه https، في إصدار حديث من Firefox أو Chrome أو Edge أو Safari.",
  },

  title: {
    percent: (percent) => `\u2066${number(percent)}%\u2069`,
    busy: "قيد الإنشاء",
    waiting: (n) => `${number(n)} في الانتظار`,
    sending: (n) => `${number(n)} قيد الإرسال`,
    done: (n) => `${number(n)} جاهزة`,
    reconnecting: "جارٍ إعادة الاتصال…",
    home: "Leyline: من صورة إلى مقطع",
  },

  heard: {
    queued: (name, place) => `${apart(name)} في الصف${place ? `، المكان ${number(place)}` : ""}.`,
    started: (name) => `بدأ ${apart(name)}.`,
    quarter: (name, percent) => `${apart(name)}: ${number(percent)} بالمئة.`,
    succeeded: (name) => `مقطع ${apart(name)} جاهز.`,
    failed: (name, why) => `لا مقطع من ${apart(name)}. ${why}`,
    grace: (name) => `سيُلغى ${apart(name)} بعد ${number(5)} ثوانٍ، ما لم تُبقِ عليه.`,
    canceled: (name) => `أُلغي ${apart(name)}.`,
    putback: (name) => `${apart(name)} هو التالي مرة أخرى.`,
    refused: (name, why) => `لم يُقبل ${apart(name)}. ${why}`,
    many: {
      queued: (n) => `${pictures(n)} في الصف.`,
      started: (n) => `بدأ العمل على: ${pictures(n)}.`,
      quarter: (n) => `تقدّم العمل على: ${pictures(n)}.`,
      succeeded: (n) => `اكتمل: ${videos(n)}.`,
      failed: (n) => `بلا مقطع: ${pictures(n)}.`,
      grace: (n) => `سيُلغى بعد ${number(5)} ثوانٍ، ما لم تُبقِ عليه: ${pictures(n)}.`,
      canceled: (n) => `أُلغي: ${pictures(n)}.`,
      putback: (n) => `${pictures(n)} في الصف مرة أخرى.`,
      refused: (n) => `لم يُقبل: ${pictures(n)}.`,
    },
    reconnecting: "انقطع الاتصال. جارٍ إعادة الاتصال.",
    live: "عاد الاتصال.",
  },

  span: {
    second: (n) => `بعد\u00a0${number(n)}\u00a0ث`,
    minute: (n) => `بعد\u00a0${number(n)}\u00a0د`,
    hour: (n) => `بعد\u00a0${whole(many(n, "أقل من ساعة", "ساعة", "ساعتين", "ساعات", "ساعة"))}`,
    day: (n) => `بعد\u00a0${whole(many(n, "أقل من يوم", "يوم", "يومين", "أيام", "يومًا"))}`,
  },
  length: {
    second: (n) => `${number(n)}\u00a0ث`,
    minute: (n) => `${number(n)}\u00a0د`,
    hour: (n) => whole(many(n, "أقل من ساعة", "ساعة", "ساعتان", "ساعات", "ساعة")),
    day: (n) => whole(many(n, "أقل من يوم", "يوم", "يومان", "أيام", "يومًا")),
  },

  steps: [
    ["أرسل", "أفلت صورة واحدة، أو مجلدًا كاملًا."],
    ["انتظر وأنت تعلم", "ترى مكانها في الصف ومتى تجهز."],
    ["شاهد", "يُشغَّل المقطع هنا مباشرة."],
  ],

  numbered: {
    too_large: (size, most) => `حجم الملف ${size}\u00a0م.ب؛ يقبل هذا الخادم ${most}\u00a0م.ب على الأكثر. أرسل ملفًا أصغر.`,
    too_many_pixels: (size, most) => `في الصورة ${size}\u00a0ميغابكسل؛ والحد ${most}. صغّرها وأرسلها مرة أخرى.`,
  },
  
  why: {
    too_large: (size, most) => `${size}\u00a0م.ب؛ ${most}\u00a0م.ب على الأكثر`,
    too_many_pixels: (size, most) => `${size}\u00a0ميغابكسل؛ ${most} على الأكثر`,
    empty_file: "فارغ",
    not_a_picture: "ليس صورة",
    unsupported_format: "نوع غير مدعوم",
    damaged_picture: "تالف",
    unreadable: "لم تعد قراءته ممكنة؛ اختره مرة أخرى",
  },
  
  modelSays: (text) => `يقول النموذج: «${apart(text)}»`,

  onTheWay: (status) => `خادم في الطريق ${ON_THE_WAY[status] ?? "رفض هذا"} (${number(status)}).`,

  problems: {
    no_cookies: "لم تُرسل: تحتاج هذه الصفحة إلى ملفات تعريف الارتباط لتعرض لك مقطعك. اسمح بها وأعد التحميل.",
    no_session: "افتح هذه الصفحة مرة أخرى: فقد المتصفح جلسته.",
    watch_only: "يُشاهد هذا المقطع في صفحته.",
    ticket_refused: "انتهت هذه المشاهدة. شغّل المقطع مرة أخرى.",
    view_ended: "انتهت هذه المشاهدة: لم يكتمل المقطع هذه المرة.",
    key_used: "انتهت هذه المشاهدة. شغّل المقطع مرة أخرى.",
    link_over: "انتهى هذا الرابط. اطلب رابطًا جديدًا ممن أرسله.",
    link_not_ready: "المقطع قيد التجهيز. حاول مرة أخرى بعد لحظة.",
    label_not_drawable: "لا يوجد خط على هذا الخادم يضم كل حروف ذلك النص. استخدم حروفًا أخرى أو لا تطبعه في الصورة.",
    too_many_links: "بلغ هذا المقطع حد روابط المشاهدة. ألغِ رابطًا أولًا.",
    views_busy: "يفتح كثيرون مقاطع في هذه اللحظة. حاول مرة أخرى بعد ثانية.",
    not_ready: "المقطع ليس جاهزًا بعد.",
    pin_limit: "ثُبّت من مقاطعك العدد المسموح. ألغِ تثبيت أحدها أولًا.",
    in_trash: "المقطع في سلة المهملات. استعده أولًا.",
    no_video: "لا يوجد مقطع من هذه الصورة.",
    preview_over: "انتهى الأمر، ومعه المعاينة.",
    empty_file: "الملف فارغ. اختر صورة أخرى.",
    too_large: "الملف كبير جدًا. أرسل ملفًا أصغر.",
    not_a_picture: "هذا الملف ليس صورة. أرسل ملف JPEG أو PNG أو WebP أو GIF أو BMP أو TIFF أو AVIF أو HEIC.",
    unsupported_format: "هذا النوع من الصور غير مدعوم. احفظها بصيغة JPEG أو PNG وأرسلها.",
    damaged_picture: "الصورة تالفة ولا يمكن قراءتها حتى آخرها. صدّرها من جديد وأرسل الملف الجديد.",
    too_many_pixels: "في الصورة بكسلات كثيرة جدًا. صغّرها وأرسلها مرة أخرى.",
    line_full: "الصف ممتلئ.",
    client_limit: "بلغت أنت، أو كل من في شبكتك، حدًّا.",
    stopping: "الخادم يُعاد تشغيله.",
    database_busy: "الخادم مشغول.",
    pictures_busy: "لم يستطع الخادم قراءة الصور في هذه اللحظة.",
    disk_low: "قرص الخادم يكاد يمتلئ.",
    token_needed: "يطلب هذا الخادم رمز وصول.",
    offline: "الخادم لا يستجيب.",
    unreadable: "لم يعد ممكنًا قراءة الملف. اختره مرة أخرى.",
    bad_parameters: "لا يقبل النموذج هذه الإعدادات. غيّر ما هو مُعلَّم.",
    model_loading: "النموذج قيد التحميل؛ ما يمكن اختياره غير معروف بعد.",
    parameters_changed: "تغيّر النموذج، ولم تعد هذه الإعدادات تناسبه. أرسل الصورة مرة أخرى.",
    model_error: "لم يستطع النموذج إنشاء مقطع من هذه الصورة.",
    model_out_of_memory: "نفدت ذاكرة النموذج مع هذه الصورة. قد تنجح صورة أصغر.",
    unsuitable: "يقول النموذج إنه لا يستطيع إنشاء مقطع من هذه الصورة.",
    model_crashed: "تعطّل النموذج مع هذه الصورة في كل محاولة.",
    interrupted: "قُوطعت هذه الصورة مرات كثيرة: بسبب توقف الخادم أو أخطائه، أو قرص ممتلئ، أو أجهزة مفقودة.",
    picture_lost: "ملف الصورة مفقود من الخادم. أرسلها مرة أخرى.",
    picture_missing: "ملف الصورة مفقود من الخادم. أرسلها مرة أخرى.",
    video_missing: "ملف المقطع مفقود من الخادم. أرسل الصورة مرة أخرى.",
    expired: "حُفظ المقطع مدته ثم أُزيل. أرسل الصورة مرة أخرى.",
    not_found: "لم يعد هناك.",
    task_running: "العمل جارٍ عليها. ألغِها أولًا.",
    task_finished: "انتهت بالفعل.",
    task_not_finished: "لم تنتهِ بعد. ألغِها أولًا أو انتظر نهايتها.",
    method_not_allowed: "لا يستطيع هذا الخادم فعل ذلك.",
  },
};
