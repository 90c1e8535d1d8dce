/** Play, pause, step, scrub, speed, rewind. */

import { h, put, s } from "./dom.js";
import { reducedMotion } from "./page.js";

const DURATION = 8; // seconds from start to end at speed 1
const CALM = 500; // ms between two steps of a reader who asked for less motion
const ICONS = {
  play: "M4 2.5v11l9.5-5.5Z",
  pause: "M4 2.5h3v11H4zM9.5 2.5h3v11h-3z",
  back: "M11 3v10L4.5 8ZM3 3h1.6v10H3z",
  forward: "M5 3v10l6.5-5ZM11.4 3H13v10h-1.6z",
  start: "M13 3v10L7.5 8ZM7.5 3v10L2 8Z",
};

/** @param {keyof typeof ICONS} name */
function icon(name) {
  return s("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, s("path", { d: ICONS[name], fill: "currentColor" }));
}

/** @param {keyof typeof ICONS} name @param {string} label */
function button(name, label) {
  return h("button", { type: "button", class: "ttl-button ttl-icon", "aria-label": label, title: label, "data-do": name }, icon(name));
}

export class Transport {
  /**
   * @param {(moment: number) => void} moved told of every new moment, 0 (start) to 1 (end)
   * @param {AbortSignal} signal
   */
  constructor(moved, signal) {
    this.moved = moved;
    this.moment = 1;
    this.count = 2;
    this.playing = false;
    this.frame = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.build(signal);
    signal.addEventListener("abort", () => this.pause(), { once: true });
  }

  /** @param {AbortSignal} signal */
  build(signal) {
    const on = (/** @type {HTMLElement} */ element, /** @type {string} */ event, /** @type {() => void} */ act) => element.addEventListener(event, act, { signal });
    const start = button("start", "Back to the start");
    const back = button("back", "One step back");
    this.toggle = button("play", "Play");
    const forward = button("forward", "One step on");
    this.slider = h("input", { type: "range", class: "ttl-scrub", min: 0, max: 1, step: 1, "aria-label": "Moment of training" });
    this.readout = h("output", { class: "ttl-clock" });
    const speeds = [0.25, 0.5, 1, 2, 4].map((speed) => h("option", { value: speed, text: `${speed}×`, selected: speed === 1 }));
    this.speed = h("select", { class: "ttl-speed", "aria-label": "Speed" }, ...speeds);
    on(start, "click", () => this.go(0));
    on(back, "click", () => this.step(-1));
    on(forward, "click", () => this.step(1));
    on(this.toggle, "click", () => (this.playing ? this.pause() : this.play()));
    on(this.slider, "input", () => this.go(Number(this.slider?.value) / (this.count - 1)));
    this.element = h("div", { class: "ttl-transport", role: "group", "aria-label": "Playback" }, start, back, this.toggle, forward, this.slider, this.readout, this.speed);
  }

  /** @param {number} count number of saved moments @param {string} text where it stands, in words */
  show(count, text) {
    this.count = Math.max(2, count);
    put(this.slider ?? h("input"), { max: this.count - 1, "aria-valuetext": text });
    if (this.slider) this.slider.value = String(this.index);
    if (this.readout) put(this.readout, { text });
  }

  get index() {
    return Math.round(this.moment * (this.count - 1));
  }

  /** @param {number} by */
  step(by) {
    this.pause();
    this.moveTo((this.index + by) / (this.count - 1));
  }

  /** @param {number} moment */
  go(moment) {
    this.pause();
    this.moveTo(moment);
  }

  /** @param {number} moment */
  moveTo(moment) {
    this.moment = Math.min(1, Math.max(0, moment));
    this.moved(this.moment);
  }

  play() {
    if (this.playing) return;
    this.setPlaying(true);
    if (this.moment >= 1) this.moveTo(0);
    let before = performance.now();
    const tick = () => {
      if (!this.playing) return;
      const now = performance.now();
      const elapsed = Math.min(CALM + 100, now - before) / 1000;
      before = now;
      this.moveTo(this.moment + (elapsed * Number(this.speed?.value ?? 1)) / DURATION);
      if (this.moment >= 1) this.pause();
      else this.schedule(tick);
    };
    this.schedule(tick);
  }

  /** @param {() => void} tick */
  schedule(tick) {
    if (reducedMotion()) this.timer = setTimeout(tick, CALM);
    else this.frame = requestAnimationFrame(tick);
  }

  pause() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.setPlaying(false);
  }

  /** @param {boolean} playing */
  setPlaying(playing) {
    this.playing = playing;
    if (!this.toggle) return;
    const label = playing ? "Pause" : "Play";
    put(this.toggle, { "aria-label": label, title: label, "data-do": playing ? "pause" : "play" });
    this.toggle.replaceChildren(icon(playing ? "pause" : "play"));
  }
}
