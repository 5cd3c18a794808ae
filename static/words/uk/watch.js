/* Owns the Ukrainian words of the page of a viewing link. */

import { counting } from "../counting.js";

const { number, plural } = counting("uk");

export default {
  title: "Відео для вашого перегляду",
  titleOfSeveral: (n) => `${number(n)} відео для вашого перегляду`,
  waiting: "Ще не можна переглянути",
  coming: (n) => plural(n, {
    one: "# відео ще створюється. Воно з’явиться тут, щойно буде готове.",
    few: "# відео ще створюються. Кожне з’явиться тут, щойно буде готове.",
    many: "# відео ще створюються. Кожне з’явиться тут, щойно буде готове.",
    other: "# відео ще створюються. Кожне з’явиться тут, щойно буде готове.",
  }),
  more: (n) => plural(n, {
    one: "Ще # створюється й з’явиться тут.",
    few: "Ще # створюються й з’являться тут.",
    many: "Ще # створюються й з’являться тут.",
    other: "Ще # створюються й з’являться тут.",
  }),
  list: "Відео",
  previous: "Попереднє",
  next: "Наступне",
  place: (n, all) => `${number(n)} з ${number(all)}`,
  video: (n, seconds) => `Відео ${number(n)}, ${plural(seconds, { one: "# секунда", few: "# секунди", many: "# секунд", other: "# секунди" })}`,
  none: "Тут немає відео для перегляду",
  unknown: "Такого посилання немає. Перевірте, чи адреса повна.",
};
