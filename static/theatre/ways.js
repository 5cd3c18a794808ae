/* Owns by what one moves in the theatre besides its buttons: keys, fingers, and the way back of a phone.
   The danger is a key that somebody else wants: where a slider or a choice has the focus, arrows are its own. */

const SWIPE_PX = 48;
const CONTROLS_PX = 72; // at the foot of a video, where fingers move its time

/** Arrows step, to where they point; space pauses, or plays on. Nothing behind the dialog hears of any key. */
export class Keys {
  constructor(dialog, { step, pause }) {
    const onkeydown = (event) => {
      const { key, target } = event;
      const action = { ArrowLeft: () => step(-towards(dialog)), ArrowRight: () => step(towards(dialog)), " ": pause }[key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey || isTheirs(key, target)) return;
      event.preventDefault();
      event.stopPropagation();
      action();
    };
    dialog.addEventListener("keydown", onkeydown, { capture: true }); // before the video's own controls take them
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
  }
}

const isTheirs = (key, target) => target.matches("input, select") || (key === " " && target.matches("button"));

/* Where the next one lies: 1 to the right, -1 to the left. */
const towards = (place) => (getComputedStyle(place).direction === "rtl" ? -1 : 1);

/** A finger that goes across brings what lies there. */
export class Swipes {
  #from = null;

  constructor(stage, step) {
    stage.addEventListener("pointerdown", (event) => this.#begin(event));
    stage.addEventListener("pointerup", (event) => {
      const across = this.#end(event);
      if (across) step(-Math.sign(across) * towards(stage));
    });
    stage.addEventListener("pointercancel", () => (this.#from = null));
  }

  #begin({ pointerType, isPrimary, target, clientX, clientY }) {
    const inControls = target.matches("video") && clientY > target.getBoundingClientRect().bottom - CONTROLS_PX;
    const own = target.matches("input") || inControls;
    this.#from = pointerType === "touch" && isPrimary && !own ? { clientX, clientY } : null;
  }

  /* How far it went across, 0 where it was none. */
  #end({ clientX, clientY }) {
    const from = this.#from;
    this.#from = null;
    if (!from) return 0;
    const [across, down] = [clientX - from.clientX, clientY - from.clientY];
    return Math.abs(across) > SWIPE_PX && Math.abs(across) > 2 * Math.abs(down) ? across : 0;
  }
}

/** The way back of browser or phone leads out of the theatre, and not off the page. */
export class Back {
  #open = false;
  #leaving = false; // the browser is on its way back, which it does not do at once

  constructor(close) {
    addEventListener("popstate", () => {
      if (this.#leaving) {
        this.#leaving = false;
        if (this.#open) this.#enter();
      } else if (this.#open && !history.state?.theatre) close();
    });
  }

  begin() {
    this.#open = true;
    if (!this.#leaving) this.#enter();
  }

  end() {
    this.#open = false;
    this.#leaving = Boolean(history.state?.theatre);
    if (this.#leaving) history.back();
  }

  #enter() {
    if (!history.state?.theatre) history.pushState({ theatre: true }, "");
  }
}
