/* Owns the Turkish words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("tr");

export default {
  among: "Sizinkiler arasında",
  first: "Başa",
  up: "Yukarı",
  down: "Aşağı",
  last: "Sona",
  to: {
    first: "Sizinkilerin hepsinden önce",
    up: "Sizinkilerden birinin önüne",
    down: "Sizinkilerden birinin arkasına",
    last: "Sizinkilerin hepsinden sonra",
  },
  problems: {
    line_moved: "Sıra bu arada değişti. Bir daha deneyin.",
    task_not_waiting: "O resim artık beklemiyor.",
    too_far: "Arada çok fazla resminiz var. İki adımda taşıyın.",
  },
  stands: (name, position, size, place, of) => `${name} şimdi sırada ${number(position)} / ${number(size)}, sizinkiler arasında ${number(place)} / ${number(of)}.`,
};
