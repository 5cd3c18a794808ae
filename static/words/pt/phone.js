/* Owns the Portuguese words of what a phone has: messages though the page is closed, pictures that were shared. */

import { counting } from "../counting.js";

const { plural } = counting("pt");

export default {
  told: "Você será avisado mesmo com esta página fechada.",
  openOnly: "Este navegador só pode avisar enquanto esta página estiver aberta.",
  notShared: "As imagens que você compartilhou não chegaram. Compartilhe mais uma vez.",
  leftOut: (n) => plural(n, { one: "# imagem ficou de fora: era mais do que se pode compartilhar de uma vez.", many: "# de imagens ficaram de fora: eram mais do que se pode compartilhar de uma vez.", other: "# imagens ficaram de fora: eram mais do que se pode compartilhar de uma vez." }),
};
