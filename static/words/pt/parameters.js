/* Owns the Portuguese words of what can be chosen for a picture. The fields' own are the model's, in its language. */

import { counting } from "../counting.js";

const { number, plural } = counting("pt");
const pictures = (n) => plural(n, { one: "# imagem", many: "# de imagens", other: "# imagens" });

export default {
  next: "Próximas imagens:",
  suggested: "como o modelo sugere",
  ownSuggested: "Como o modelo sugere",
  reset: "Voltar ao que o modelo sugere",
  left: (n) => `restam ${number(n)}`,
  anySeed: "outra a cada vez",
  newSeed: "Outra a cada vez",
  yes: "sim",
  no: "não",
  off: (title) => `${title}: não`,
  copy: "Copiar ajustes",
  copied: (name) => `As próximas imagens terão os ajustes de ${name}.`,
  title: (name) => `Enviar ${name} de novo`,
  send: "Enviar de novo",
  leave: "Deixar",
  mend: (n) => `${plural(n, { one: "# imagem não pôde ser enviada", many: "# de imagens não puderam ser enviadas", other: "# imagens não puderam ser enviadas" })} com estes ajustes. É preciso mudar o que está marcado.`,
  resend: (n) => `Enviar ${pictures(n)} com estes ajustes`,
};
