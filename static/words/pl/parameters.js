/* Owns the Polish words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("pl");
const pictures = (n) => plural(n, { one: "# obraz", few: "# obrazy", many: "# obrazów", other: "# obrazu" });

export default {
  next: "Następne obrazy:",
  suggested: "jak proponuje model",
  ownSuggested: "Jak proponuje model",
  reset: "Wróć do tego, co proponuje model",
  left: (n) => `zostało ${number(n)}`,
  anySeed: "za każdym razem inne",
  newSeed: "Za każdym razem inne",
  yes: "wł.",
  no: "wył.",
  off: (title) => `${title}: wył.`,
  copy: "Kopiuj ustawienia",
  copied: (name) => `Następne obrazy dostaną ustawienia z ${name}.`,
  title: (name) => `Wyślij ponownie ${name}`,
  send: "Wyślij ponownie",
  leave: "Zostaw",
  mend: (n) => `Z tymi ustawieniami nie udało się wysłać: ${pictures(n)}. Trzeba zmienić to, co zaznaczono.`,
  resend: (n) => `Wyślij ${pictures(n)} z tymi ustawieniami`,
};
