/* Owns the Portuguese words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("pt");

export default {
  title: (name) => `Links para assistir a ${name}`,
  intro: "Quem tem um link pode assistir a este vídeo, e a nada mais.",
  titleOfSeveral: (n) => plural(n, { one: "Um link para assistir a # vídeo", many: "Um link para assistir a # de vídeos", other: "Um link para assistir a # vídeos" }),
  introOfSeveral: "Quem tem o link pode assistir a estes vídeos um após o outro, e a nada mais. Os que ainda estão sendo feitos entram sozinhos.",
  earlier: "Seus links para vários vídeos",
  shows: (n) => plural(n, { one: "# vídeo", many: "# de vídeos", other: "# vídeos" }),
  message: "Umas palavras suas (opcional)",
  poster: "O que se vê antes da reprodução, e em um chat",
  posters: { none: "Nada", blurred: "Desfocada", clear: "A imagem" },
  make: "Criar um link",
  copy: "Copiar",
  copied: "O link foi copiado.",
  share: "Compartilhar",
  revoke: "Revogar",
  none: "Ainda não há nenhum link.",
  address: "Endereço",
  hidden: "O endereço foi mostrado uma vez, quando o link foi criado",
  until: (date) => `vale até ${date}`,
  ended: "expirou",
  label: "Para quem é (mostrado sobre o vídeo, opcional)",
  burn: "Gravar isso na imagem (leva um momento na primeira exibição)",
  days: "Por quantos dias vale",
  most: "Quantas vezes pode ser assistido (vazio: sem limite)",
  views: (n, most) => (most ? `visto ${number(n)} de no máximo ${number(most)} vezes`
    : n ? plural(n, { one: "visto # vez", many: "visto # de vezes", other: "visto # vezes" }) : "ainda não visto"),
};
