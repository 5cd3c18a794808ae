/* Owns what it takes to play a video that is still being made: saying so at the end of what there is, and going on from
   there. Leaves playing to player.js, which loads this for such a video only.
   The danger is Firefox, which takes the end of what there is for the video's end, and lets its clock run on. */

import { setText } from "../element.js";

const LOOK_MS = 100; // no event tells in every browser that a video waits
const NEAR_END_SECONDS = 0.25; // so near to the end of what there is, a video that waits waits for the rest
const AT_END_SECONDS = 0.01; // and here it has nothing more to show, whether it says so or not

export class Growing {
  /** Says `rest` as the player's `message` while `video` has come to the end of what there is of the view. */
  constructor(view, video, message, rest) {
    Object.assign(this, { view, video, message, rest });
    this.looking = setInterval(() => this.#tell(), LOOK_MS);
  }

  stop() {
    clearInterval(this.looking);
    this.#say(false);
  }

  /** Whether there is another number of segments by now than the view knows of; fewer are those of another try. */
  hasChanged(segments) {
    return !this.view.complete && segments > 0 && segments !== this.view.starts.length;
  }

  /** To be called before more comes into the buffer: it is to be played from its beginning. */
  setClock() {
    const { buffered, currentTime } = this.video;
    if (!this.#hasData || !buffered.length) return;
    if (buffered.end(buffered.length - 1) - currentTime < AT_END_SECONDS) this.video.currentTime = currentTime;
  }

  get #hasData() {
    return this.video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  #tell() {
    const left = this.view.seconds - this.video.currentTime;
    this.#say(!this.view.complete && left < (this.#hasData ? AT_END_SECONDS : NEAR_END_SECONDS));
  }

  #say(waits) {
    if (waits) setText(this.message, this.rest);
    else if (this.message.textContent === this.rest) setText(this.message, "");
  }
}
