/* Owns how loud videos are in this browser: as somebody set it last. */

import { keep, kept } from "../kept.js";

const LOUDNESS = "loudness";

/** Have the video as loud as the last one was; “m” in `place` is for silence. The browser's own controls have a button
    where there is sound. */
export function loudness(video, place) {
  const [volume, muted] = kept(LOUDNESS).split(" ");
  video.volume = volume >= 0 && volume <= 1 && volume !== "" ? volume : 1;
  video.muted = muted === "muted";
  video.onvolumechange = () => keep(LOUDNESS, `${video.volume} ${video.muted ? "muted" : ""}`);
  place.onkeydown = (event) => {
    if (event.key === "m" && !(event.ctrlKey || event.metaKey || event.altKey)) video.muted = !video.muted;
  };
}
