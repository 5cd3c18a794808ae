/* Owns the Hindi words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("hi");

export default {
  title: (name) => `${name} देखने के लिंक`,
  intro: "जिसके पास लिंक है वह यही एक वीडियो देख सकता है, और कुछ नहीं।",
  titleOfSeveral: (n) => `${number(n)} वीडियो देखने का एक लिंक`,
  introOfSeveral: "जिसके पास लिंक है वह ये वीडियो एक के बाद एक देख सकता है, और कुछ नहीं। जो अभी बन रहे हैं वे अपने आप जुड़ जाएँगे।",
  earlier: "कई वीडियो के आपके लिंक",
  shows: (n) => `${number(n)} वीडियो`,
  message: "आपकी ओर से एक पंक्ति (वैकल्पिक)",
  poster: "चलने से पहले और चैट में क्या दिखे",
  posters: { none: "कुछ नहीं", blurred: "धुँधली", clear: "तस्वीर" },
  make: "लिंक बनाएँ",
  copy: "कॉपी करें",
  copied: "लिंक कॉपी हो गया।",
  share: "साझा करें",
  revoke: "रद्द करें",
  none: "अभी कोई लिंक नहीं है।",
  address: "पता",
  hidden: "पता एक बार दिखाया गया था, जब लिंक बना",
  until: (date) => `${date} तक मान्य`,
  ended: "समाप्त हो गया",
  label: "किसके लिए है (वीडियो पर दिखेगा, वैकल्पिक)",
  burn: "इसे तस्वीर में छाप दें (पहली बार देखने पर थोड़ा समय लगता है)",
  days: "कितने दिन मान्य रहे",
  most: "कितनी बार देखा जा सकता है (ख़ाली: असीमित)",
  views: (n, most) => (most ? `अधिकतम ${number(most)} में से ${number(n)} बार देखा गया` : n ? `${number(n)}\u00a0बार देखा गया` : "अभी नहीं देखा गया"),
};
