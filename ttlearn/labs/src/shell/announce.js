/** The summary for those who do not see it change: polite, and not more often than one can listen. */

import { h, put } from "./dom.js";

const QUIET = 1500; // ms

export class Announcer {
  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.element = h("div", { class: "ttl-hidden", "aria-live": "polite", role: "status" });
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.text = "";
    this.first = true;
    signal.addEventListener("abort", () => clearTimeout(this.timer), { once: true });
  }

  /** @param {string} text */
  say(text) {
    if (text === this.text) return;
    this.text = text;
    if (this.first) {
      this.first = false; // what stood there when the page opened is read where it stands
      return;
    }
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      put(this.element, { text: this.text });
    }, QUIET);
  }
}
