/** A plane to draw one curve on: pointer by pointer, left to right or back. */

import { Plot } from "../shell/plot.js";
import { fillGaps, SAMPLES } from "./judge.js";

/** @import {QuestionSpec} from "./types" */

export class Sketch {
  /** @param {HTMLElement} box @param {QuestionSpec} spec @param {() => void} changed @param {AbortSignal} signal */
  constructor(box, spec, changed, signal) {
    this.spec = spec;
    this.plot = new Plot(box, `Plane to draw on: ${spec.y.label} against ${spec.x.label}`, 240);
    /** @type {(number | undefined)[]} */
    this.heights = Array(SAMPLES).fill(undefined);
    this.xs = this.heights.map((_, i) => spec.x.low + ((spec.x.high - spec.x.low) * i) / (SAMPLES - 1));
    this.revealed = false;
    this.last = -1;
    const { svg } = this.plot;
    svg.classList.add("ttl-sketch");
    svg.addEventListener("pointerdown", (event) => {
      if (this.revealed) return;
      event.preventDefault();
      svg.setPointerCapture(event.pointerId);
      this.last = -1;
      this.add(event);
      changed();
    }, { signal });
    svg.addEventListener("pointermove", (event) => {
      if (this.revealed || !svg.hasPointerCapture(event.pointerId)) return;
      this.add(event);
      changed();
    }, { signal });
    const resized = new ResizeObserver(() => this.draw());
    resized.observe(box);
    signal.addEventListener("abort", () => {
      resized.disconnect();
      this.plot.destroy();
    });
  }

  /** @param {PointerEvent} event */
  add(event) {
    const box = this.plot.svg.getBoundingClientRect();
    const { x, y } = this.spec;
    const across = (this.plot.x.invert(event.clientX - box.left) - x.low) / (x.high - x.low);
    const index = Math.min(SAMPLES - 1, Math.max(0, Math.round(across * (SAMPLES - 1))));
    const height = Math.min(y.high, Math.max(y.low, this.plot.y.invert(event.clientY - box.top)));
    const from = this.last === -1 ? index : this.last;
    const start = this.heights[from] ?? height;
    // A quick hand skips places: the stroke between two events is straight.
    for (let i = from; i !== index; i += Math.sign(index - from)) this.heights[i] = start + ((height - start) * (i - from)) / (index - from);
    this.heights[index] = height;
    this.last = index;
    this.draw();
  }

  clear() {
    this.heights.fill(undefined);
    this.revealed = false;
    this.draw();
  }

  /** @param {number[] | null} heights */
  reveal(heights) {
    if (heights) this.heights = [...heights];
    this.revealed = true;
    this.draw();
  }

  /** @returns {number[] | null} */
  get answer() {
    return fillGaps(this.heights);
  }

  draw() {
    const { plot, spec } = this;
    plot.resize();
    plot.frame({ x: { domain: [spec.x.low, spec.x.high], label: spec.x.label }, y: { domain: [spec.y.low, spec.y.high], label: spec.y.label } });
    if (this.revealed) plot.curve("truth", spec.xs, spec.ys, "ttl-limit ttl-thick ttl-dash");
    plot.curve("drawn", this.xs, this.heights.map((height) => height ?? Number.NaN), "ttl-network");
    plot.done();
  }
}
