/* Owns the name of whom a viewing link was made for, over the picture. Only a link's page has one.
   The danger is full screen, where one element is shown and nothing else: as a popover it lies above that too. */

import { element } from "../element.js";

/** Show `text` over the video, once, until `signal`. */
export function overlay(text, video, signal) {
  const player = video.parentElement;
  if (player.querySelector(".player-label")) return;
  const label = element("p.player-label", {}, text);
  player.append(label);
  const move = () => {
    const full = document.fullscreenElement === video;
    label.popover = full ? "manual" : null;
    if (full) label.showPopover();
  };
  document.addEventListener("fullscreenchange", move, { signal });
}
