/* Owns the Spanish words of the wall of videos. */

import { counting } from "../counting.js";

const { number, plural } = counting("es");
const videos = (n) => plural(n, { one: "# vídeo", many: "# de vídeos", other: "# vídeos" });
const days = (n) => plural(n, { one: "# día", many: "# de días", other: "# días" });

export default {
  search: "Buscar en nombres y deseos",
  sort: "Orden",
  sorts: {
    newest: "Más nuevos primero",
    oldest: "Más antiguos primero",
    name: "Por nombre",
    length: "Más largos primero",
  },
  group: "Grupos",
  groups: {
    day: "Por día",
    batch: "Enviados juntos",
    none: "Sin grupos",
  },
  today: "Hoy",
  yesterday: "Ayer",
  together: (n, when) => `${videos(n)}, enviados juntos ${when}`,
  alone: (when) => `Enviados uno a uno, ${when}`,
  kept: (n) => `Un vídeo se guarda ${days(n)}; uno fijado, hasta que lo sueltes.`,
  keptForRoom: (n) => `Un vídeo se guarda ${days(n)}, o menos si otros necesitan el sitio; uno fijado, hasta que lo sueltes.`,
  room: "Un vídeo se guarda hasta que otros necesiten el sitio; uno fijado, hasta que lo sueltes.",
  forEver: "Los vídeos se guardan hasta que los elimines.",
  watch: (name) => `Ver ${name}`,
  length: (seconds) => `${number(seconds)}\u00a0s`,
  select: (name) => `Seleccionar ${name}`,
  choose: "Seleccionar",
  selected: (n) => plural(n, { one: "# seleccionado", many: "# seleccionados", other: "# seleccionados" }),
  all: (n) => `Seleccionar todo (${number(n)})`,
  most: (n) => `No se pueden seleccionar más de ${number(n)} a la vez.`,
  end: "Terminar la selección",
  send: "Enviar otra vez",
  share: "Compartir",
  empty: "Tus vídeos terminados estarán aquí.",
  none: (search) => `Ningún vídeo tiene «${search}» en su nombre o deseo.`,
  looking: "Buscando más…",
  found: (n) => plural(n, { one: "# vídeo encontrado", many: "# de vídeos encontrados", other: "# vídeos encontrados" }),
  pinned: (n, total) => (n < total ? `Fijados: ${number(n)} de ${videos(total)}.` : `Fijados: ${videos(n)}.`),
  unpinned: (n, total) => (n < total ? `Soltados: ${number(n)} de ${videos(total)}.` : `Soltados: ${videos(n)}.`),
  sentAgain: (n, total) => (n < total ? `Enviados otra vez: ${number(n)} de ${videos(total)}.` : `Enviados otra vez: ${videos(n)}.`),
};
