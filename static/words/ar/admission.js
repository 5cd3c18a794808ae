/* Owns the Arabic words of the question for the access token. */

export default {
  title: "يطلب هذا الخادم رمز وصول",
  label: "رمز الوصول",
  enter: "دخول",
  wrong: "هذا ليس الرمز الصحيح.",
};
