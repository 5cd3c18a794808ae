/* Owns the Ukrainian words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("uk");

export default {
  among: "Серед ваших",
  first: "На початок",
  up: "Вище",
  down: "Нижче",
  last: "У кінець",
  to: {
    first: "Перед усіма вашими",
    up: "На одне ваше вперед",
    down: "На одне ваше назад",
    last: "Після всіх ваших",
  },
  problems: {
    line_moved: "Черга тим часом змінилася. Спробуйте ще раз.",
    task_not_waiting: "Це зображення вже не чекає.",
    too_far: "Між ними забагато ваших зображень. Перемістіть його у два кроки.",
  },
  stands: (name, position, size, place, of) => `${name} тепер ${number(position)} з ${number(size)} у черзі, ${number(place)} з ваших ${number(of)}.`,
};
