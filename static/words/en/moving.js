/* Owns the English words for moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("en");

export default {
  among: "Among yours",
  first: "First",
  up: "Up",
  down: "Down",
  last: "Last",
  to: { first: "Before all of yours", up: "One of yours up", down: "One of yours down", last: "Behind all of yours" },
  problems: {
    line_moved: "The line has changed meanwhile. Try once more.",
    task_not_waiting: "That picture does not wait any more.",
    too_far: "Too many of your pictures stand between. Move it in two steps.",
  },
  stands: (name, position, size, place, of) => 
    `${name} is ${number(position)} of ${number(size)} in line now, ${number(place)} of your ${number(of)}.`,
};
