/* Owns the picture as it was sent, slid over the first frame of its video.
   Leaves where exactly it lies to fit.js.
   The danger is comparing with another frame: the video stands still at its beginning for as long as that lasts. */

import { posterUrl } from "../cards/phrases.js";
import { element, setAttribute, setHidden, setProperty } from "../element.js";
import { laidOver } from "./fit.js";

export class Compare {
  #video = null;
  #task = {};
  #played = false; // before it began
  onchange = () => {}; // (on)

  constructor(words) {
    this.words = words;
    this.picture = element("img.compare-picture", { alt: "" });
    this.slider = element("input.compare-slider", { type: "range", min: 0, max: 100, value: 50, "aria-label": words.slide, oninput: () => this.#slid() });
    const labels = [words.picture, words.video].map((text) => element("p.compare-label", { "aria-hidden": "true" }, text));
    this.element = element("div.compare", { hidden: true }, element("div.compare-part", {}, this.picture), ...labels, this.slider);
  }

  get on() {
    return !this.element.hidden;
  }

  /** It is about this video from now on, and its task's picture. */
  take(video, task) {
    this.#video = video;
    this.#task = task;
    this.picture.removeAttribute("src");
    if (this.on) this.#lay();
  }

  toggle() {
    if (this.on) this.end(this.#played);
    else this.#begin();
  }

  /** Take the picture away; the video goes on where `plays`. Safe to call twice. */
  end(plays = false) {
    if (!this.on) return;
    setHidden(this.element, true);
    this.#video.controls = true;
    if (plays) this.#video.play().catch(() => {});
    this.onchange(false);
  }

  #begin() {
    const video = this.#video;
    this.#played = !video.paused;
    video.pause();
    video.currentTime = 0;
    video.controls = false;
    this.#lay();
    this.slider.value = 50;
    this.#slid();
    setHidden(this.element, false);
    this.slider.focus();
    this.onchange(true);
  }

  #lay() {
    const { image, video } = this.#task;
    if (!image?.thumbnail_url) return;
    setAttribute(this.picture, "src", posterUrl(image));
    const size = video ?? { width: this.#video.videoWidth, height: this.#video.videoHeight };
    const { fit, across, down } = laidOver(image, size);
    setAttribute(this.picture, "data-fit", fit);
    setProperty(this.picture, "--across", across);
    setProperty(this.picture, "--down", down);
  }

  #slid() {
    setProperty(this.element, "--part", this.slider.value / 100);
    setAttribute(this.slider, "aria-valuetext", `${this.slider.value} %`);
  }
}
