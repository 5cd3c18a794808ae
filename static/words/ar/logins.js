/* Owns the Arabic words of the dialog in which a command is connected. */

const apart = (text) => `\u2068${text}\u2069`;

export default {
  title: "ربط سطر الأوامر",
  intro: "ما يرسله أمر مرتبط يصبح لك في هذه الصفحة. اكتب هذا في طرفية، ثم الرمز الذي يظهر فيها:",
  code: "الرمز",
  look: "عرض من يطلب",
  asks: (name, address, at, until) => `«${apart(name)}» يطلب الربط، من ${apart(address)}، منذ ${apart(at)}. رمزه صالح حتى ${apart(until)}.`,
  means: "لا تربطه إلا إن كنت قد بدأته بنفسك الآن. يستطيع أن يرسل صورًا باسمك، وأن يرى صورك ويلغيها ويحذفها.",
  connect: "ربط",
  refuse: "ليس لي",
  done: (name) => `رُبط «${apart(name)}».`,
  refused: "قيل له لا.",
  connected: "الأوامر المرتبطة",
  none: "لا شيء بعد.",
  about: (address, since, used) => `من ${apart(address)}، منذ ${apart(since)}. ${used ? `آخر استخدام: ${apart(used)}.` : "لم يُستخدم بعد."}`,
  disconnect: "فك الربط",
  disconnectName: (name) => `فك ربط «${apart(name)}»`,
  ended: (name) => `فُك ربط «${apart(name)}».`,
  problems: {
    code_unknown: "لا أمر يطلب بهذا الرمز: كُتب خطأ، أو استُخدم من قبل، أو انقضت دقائقه العشر.",
    too_many_logins: "بلغت الأوامر المرتبطة الحد. فك ربط أحدها أولًا.",
    client_limit: "رموز خاطئة كثيرة جدًا. انتظر قليلًا، ثم اكتب الرمز الذي يعرضه الأمر الآن.",
  },
};
