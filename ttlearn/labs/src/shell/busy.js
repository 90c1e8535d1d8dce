/** How far a long computation is, and a way to stop it. */

import { h } from "./dom.js";

const HIDDEN = 250; // ms: a bar that flashes for a tenth of a second tells nobody anything

export class Busy {
  /** @param {() => void} stop @param {() => void} shown told when a computation turns out long @param {AbortSignal} signal */
  constructor(stop, shown, signal) {
    this.shown = shown;
    this.progress = h("progress", { max: 1, class: "ttl-progress", "aria-label": "Progress of the computation" });
    const button = h("button", { type: "button", class: "ttl-button", "data-do": "stop", text: "Stop" });
    button.addEventListener("click", stop, { signal });
    this.element = h("div", { class: "ttl-busy", hidden: true }, this.progress, button);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    signal.addEventListener("abort", () => clearTimeout(this.timer), { once: true });
  }

  /** @param {number} progress 0 to 1 */
  show(progress) {
    this.progress.value = progress;
    this.timer ??= setTimeout(() => {
      this.element.hidden = false;
      this.shown();
    }, HIDDEN);
  }

  hide() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.element.hidden = true;
  }
}
