/* Owns the Portuguese words of the wall of videos. */

import { counting } from "../counting.js";

const { number, plural } = counting("pt");
const videos = (n) => plural(n, { one: "# vídeo", many: "# de vídeos", other: "# vídeos" });
const days = (n) => plural(n, { one: "# dia", many: "# de dias", other: "# dias" });

export default {
  search: "Buscar em nomes e pedidos",
  sort: "Ordem",
  sorts: {
    newest: "Mais novos primeiro",
    oldest: "Mais antigos primeiro",
    name: "Por nome",
    length: "Mais longos primeiro",
  },
  group: "Grupos",
  groups: {
    day: "Por dia",
    batch: "Enviados juntos",
    none: "Sem grupos",
  },
  today: "Hoje",
  yesterday: "Ontem",
  together: (n, when) => `${videos(n)}, enviados juntos ${when}`,
  alone: (when) => `Enviados um a um, ${when}`,
  kept: (n) => `Um vídeo é guardado por ${days(n)}; um fixado, até que você o desafixe.`,
  keptForRoom: (n) => `Um vídeo é guardado por ${days(n)}, ou menos se outros precisarem do espaço; um fixado, até que você o desafixe.`,
  room: "Um vídeo é guardado até que outros precisem do espaço; um fixado, até que você o desafixe.",
  forEver: "Os vídeos são guardados até que você os exclua.",
  watch: (name) => `Assistir a ${name}`,
  length: (seconds) => `${number(seconds)}\u00a0s`,
  select: (name) => `Selecionar ${name}`,
  choose: "Selecionar",
  selected: (n) => plural(n, { one: "# selecionado", many: "# selecionados", other: "# selecionados" }),
  all: (n) => `Selecionar tudo (${number(n)})`,
  most: (n) => `Não é possível selecionar mais de ${number(n)} de uma vez.`,
  end: "Encerrar a seleção",
  send: "Enviar de novo",
  share: "Compartilhar",
  empty: "Seus vídeos prontos ficarão aqui.",
  none: (search) => `Nenhum vídeo tem “${search}” no nome ou no pedido.`,
  looking: "Procurando mais…",
  found: (n) => plural(n, { one: "# vídeo encontrado", many: "# de vídeos encontrados", other: "# vídeos encontrados" }),
  pinned: (n, total) => (n < total ? `Fixados: ${number(n)} de ${videos(total)}.` : `Fixados: ${videos(n)}.`),
  unpinned: (n, total) => (n < total ? `Desafixados: ${number(n)} de ${videos(total)}.` : `Desafixados: ${videos(n)}.`),
  sentAgain: (n, total) => (n < total ? `Enviados de novo: ${number(n)} de ${videos(total)}.` : `Enviados de novo: ${videos(n)}.`),
};
