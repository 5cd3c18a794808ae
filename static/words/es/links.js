/* Owns the Spanish words of the dialog of viewing links. */

import { counting } from "../counting.js";

const { number, plural } = counting("es");

export default {
  title: (name) => `Enlaces para ver ${name}`,
  intro: "Quien tenga un enlace puede ver este vídeo, y nada más.",
  titleOfSeveral: (n) => plural(n, { one: "Un enlace para ver # vídeo", many: "Un enlace para ver # de vídeos", other: "Un enlace para ver # vídeos" }),
  introOfSeveral: "Quien tenga el enlace puede ver estos vídeos uno tras otro, y nada más. Los que aún se están creando se añaden solos.",
  earlier: "Tus enlaces a varios vídeos",
  shows: (n) => plural(n, { one: "# vídeo", many: "# de vídeos", other: "# vídeos" }),
  message: "Unas palabras tuyas (opcional)",
  poster: "Lo que se ve antes de reproducirlo, y en un chat",
  posters: { none: "Nada", blurred: "Borroso", clear: "La imagen" },
  make: "Crear un enlace",
  copy: "Copiar",
  copied: "El enlace está copiado.",
  share: "Compartir",
  revoke: "Revocar",
  none: "Aún no hay ningún enlace.",
  address: "Enlace",
  hidden: "La dirección se mostró una vez, al crear el enlace",
  until: (date) => `vale hasta el ${date}`,
  ended: "ha caducado",
  label: "Para quién es (se muestra sobre el vídeo, opcional)",
  burn: "Incrustarlo en la imagen (tarda un momento la primera vez)",
  days: "Cuántos días vale",
  most: "Cuántas veces se puede ver (vacío: sin límite)",
  views: (n, most) => (most ? `visto ${number(n)} de ${number(most)} veces como máximo`
    : n ? plural(n, { one: "visto # vez", many: "visto # de veces", other: "visto # veces" }) : "aún sin ver"),
};
