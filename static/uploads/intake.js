/* Owns how pictures get into the page: chosen, dropped, pasted, photographed, one or a whole folder.
   Leaves sending them to uploads.js, and judging a picture to the server, which reads its bytes. */

import { formatName } from "./formats.js";
import { element, elementWithRoom, icon, setAttribute, setText } from "../element.js";

const DEFAULT_FORMATS = ["jpeg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic", "heif"].map((name) => `image/${name}`);
const CAMERA = "M4 7h3.5L9 5h6l1.500 2H20v12H4zM12 9.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z";
const FOLDER = "M3 6h6l2 2h10v11H3z";

export class Intake {
  #limits;

  /** `line` is what is said and drawn of the line. */
  constructor(words, line, tell) {
    Object.assign(this, { words, tell });
    this.#build(line);
    this.#listen();
  }

  #build(line) {
    const { intake, page, number, listed } = this.words;
    this.input = fileInput({ multiple: true, id: "choose" }, (files) => this.#choose(files));
    this.photo = fileInput({ capture: "environment", id: "photo" }, (files) => this.#choose(files));
    this.folder = fileInput({ webkitdirectory: true, id: "folder" }, (files) => this.#inFolders((folders) => folders.onlyPictures(files)));
    const longest = intake.limits(listed(DEFAULT_FORMATS.map(formatName)), number(1000), number(1000));
    this.parameters = element("div.parameters"); // the form, once it is known that there is one
    [this.limits, this.limitsSaid] = elementWithRoom("p.limits", [longest]);
    const buttons = element("div.intake-buttons", {},
      opener("button.primary", this.input, intake.choose),
      this.#camera(),
      opener("button.secondary.desk", this.folder, icon(FOLDER), intake.folder),
      element("p.hint.desk", {}, intake.hint));
    this.dock = element("div.dock", {}, opener("button.primary", this.input, intake.choose), this.#camera()); // within a thumb's reach
    this.element = element("section.intake", { "aria-label": page.intake, "data-drop": intake.drop },
      element("div.map", { "aria-hidden": "true" }),
      element("div.intake-words", {}, line.headline, line.detail), this.parameters, buttons,
      element("div.track", {}, line.drawing, line.model), line.yours, this.limits,
      this.input, this.photo, this.folder);
  }

  #camera() {
    return opener("button.secondary.camera", this.photo, icon(CAMERA), element("span", {}, this.words.intake.photo));
  }

  /** Say the server's limits and formats, as it told them in its hello. */
  update({ limits }) {
    if (limits === this.#limits) return;
    this.#limits = limits;
    this.#allow(limits);
  }

  #allow({ formats = DEFAULT_FORMATS, max_upload_bytes: bytes, max_pixels: pixels }) {
    const { intake, number, listed } = this.words;
    for (const input of [this.input, this.photo]) setAttribute(input, "accept", formats.join(","));
    const [megabytes, megapixels] = [bytes, pixels].map((most) => most && number(most / 1e6));
    setText(this.limitsSaid, intake.limits(listed(formats.map(formatName)), megabytes, megapixels));
  }

  /** Ask for another picture in the place of a refused one. */
  follow({ event, data }) {
    if (event !== "replace") return;
    const { key } = data.card;
    fileInput({ accept: this.input.accept }, (files) => this.tell("chosen", { files, inPlaceOf: key })).click();
  }

  #choose(files) {
    this.tell("chosen", { files });
  }

  #listen() {
    let depth = 0;
    const dragging = (now) => setAttribute(document.documentElement, "data-dragging", now);
    addEventListener("dragenter", (event) => carriesFiles(event) && dragging((depth += 1) > 0));
    addEventListener("dragleave", (event) => carriesFiles(event) && dragging((depth = Math.max(0, depth - 1)) > 0));
    addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      dragging((depth = 0) > 0);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      this.#dropped(event.dataTransfer);
    });
    addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      const intoText = event.target.closest?.("input, textarea") && event.clipboardData.types.includes("text/plain");
      if (!files.length || intoText) return;
      event.preventDefault();
      this.#choose(files);
    });
  }

  /* What was dropped must be asked for before the event is over. Files come as they are: the server judges them. */
  #dropped({ items, files: dropped }) {
    const entries = [...items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.() ?? null);
    const files = [...dropped];
    if (!entries.some((entry) => entry?.isDirectory)) this.#take({ files, leftOut: 0 });
    else this.#inFolders(({ filesOf }) => filesOf(entries, files));
  }

  async #inFolders(find) {
    const folders = await import("./folders.js").catch(() => null);
    if (folders) this.#take(await find(folders));
    else this.tell("notice", { kind: "not_loaded" });
  }

  #take({ files, leftOut }) {
    if (files.length) this.#choose(files);
    if (leftOut || !files.length) this.tell("notice", { kind: "left_out", count: leftOut });
  }
}

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

function fileInput(attributes, taken) {
  const input = element("input", { type: "file", hidden: true, ...attributes });
  input.onchange = () => {
    const files = [...input.files];
    input.value = ""; // the same file can be chosen again
    if (files.length) taken(files);
  };
  return input;
}

function opener(name, input, ...content) {
  return element(name, { type: "button", onclick: () => input.click() }, ...content);
}
