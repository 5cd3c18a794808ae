/* Owns the Hindi words of moving a waiting picture among one's own. */

import { counting } from "../counting.js";

const { number } = counting("hi");

export default {
  among: "आपकी में",
  first: "सबसे आगे",
  up: "ऊपर",
  down: "नीचे",
  last: "सबसे पीछे",
  to: {
    first: "आपकी सभी से आगे",
    up: "आपकी एक से आगे",
    down: "आपकी एक से पीछे",
    last: "आपकी सभी के पीछे",
  },
  problems: {
    line_moved: "इस बीच कतार बदल गई। एक बार फिर कोशिश करें।",
    task_not_waiting: "वह तस्वीर अब इंतज़ार में नहीं है।",
    too_far: "बीच में आपकी बहुत सारी तस्वीरें हैं। दो बार में खिसकाएँ।",
  },
  stands: (name, position, size, place, of) => `${name} अब कतार में ${number(size)} में से ${number(position)}, आपकी ${number(of)} में से ${number(place)} है।`,
};
