/* Owns one small chart: a bar for each of the last spans, with the longest and the middle one in words.
   The drawing says nothing to a screen reader; the words and the table beside it do. */

import { element, setHidden, setText } from "../element.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, MOST] = [240, 56, 60];

/** The middle one of the values, of an even number the lower; null of none. */
export function median(values) {
  return values.length ? [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] : null;
}

/** Bars for the values as [x, y, width, height], the newest at the right edge; as high as they are long. */
export function bars(values, width = WIDTH, height = HEIGHT, most = MOST) {
  const shown = values.slice(-most);
  const longest = Math.max(...shown, 1e-9);
  const step = width / most;
  return shown.map((value, index) => {
    const high = Math.max(1.5, (height * value) / longest);
    return [width - step * (shown.length - index), height - high, step * 0.72, high].map((number) => Math.round(number * 100) / 100);
  });
}

export class Chart {
  constructor(title, number, unit) {
    Object.assign(this, { number, unit });
    this.drawing = document.createElementNS(SVG, "svg");
    this.drawing.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.drawing.setAttribute("aria-hidden", "true");
    this.said = element("p.soft", {});
    this.element = element("figure", {}, element("figcaption", {}, title), this.drawing, this.said);
  }

  update(values) {
    setHidden(this.element, !values.length);
    if (!values.length) return;
    this.drawing.replaceChildren(...bars(values).map(([x, y, width, height]) => {
      const bar = document.createElementNS(SVG, "rect");
      for (const [name, value] of Object.entries({ x, y, width, height })) bar.setAttribute(name, value);
      return bar;
    }));
    setText(this.said, this.unit(this.number(median(values)), this.number(Math.max(...values)), values.length));
  }
}
