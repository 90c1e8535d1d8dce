/** Things to drag: by mouse, by touch, and by the arrow keys (each is a slider to assistive tools). */

import { drag } from "d3-drag";
import { select } from "d3-selection";
import { put, s } from "./dom.js";

/** @import {Plot} from "./plot.js" */

/**
 * @typedef {{
 *   x: number, y: number,
 *   axis: "x" | "y" | "xy",
 *   low: number, high: number,
 *   lowY?: number, highY?: number,
 *   step: number,
 *   label: string,
 *   text: string,
 *   shape?: "circle" | "up" | "bar" | "level",
 *   className?: string,
 *   dx?: number, dy?: number,
 *   move: (x: number, y: number, done: boolean) => void }} HandleOptions
 *
 * `x`, `y`: place in data coordinates; `step`: what an arrow key moves; `text`: the value in words;
 * `dx`, `dy`: pixels between the place and the mark; `lowY`, `highY`: range of the second axis of "xy".
 */

const SHAPES = {
  circle: "M0,-7a7,7 0 1,1 0,14a7,7 0 1,1 0,-14Z",
  up: "M0,-6L6,6L-6,6Z",
  bar: "M-2.5,-9h5v18h-5Z",
  level: "M-9,-2.5h18v5h-18Z",
};

export class Handles {
  /** @param {Plot} plot */
  constructor(plot) {
    this.plot = plot;
    this.layer = s("g");
    plot.svg.append(this.layer);
    /** @type {Map<string, Handle>} */
    this.known = new Map();
    /** The one handle of each group that Tab reaches. @type {Map<string, string>} */
    this.current = new Map();
  }

  begin() {
    for (const handle of this.known.values()) handle.drawn = false;
  }

  /**
   * @param {string} group handles of one group are one stop of the Tab key; Up and Down go between them
   *   (in groups that move along x or y alone)
   * @param {string} key
   * @param {HandleOptions} options
   */
  place(group, key, options) {
    const name = `${group}/${key}`;
    let handle = this.known.get(name);
    if (!handle) {
      handle = new Handle(this, group, name);
      this.known.set(name, handle);
      this.layer.append(handle.element);
    }
    if (!this.current.has(group)) this.current.set(group, name);
    handle.drawn = true;
    handle.update(options, this.current.get(group) === name);
  }

  end() {
    for (const [name, handle] of this.known)
      if (!handle.drawn) {
        if (this.current.get(handle.group) === name) this.current.delete(handle.group);
        handle.destroy();
        this.known.delete(name);
      }
    for (const [name, handle] of this.known)
      if (!this.current.has(handle.group)) {
        this.current.set(handle.group, name);
        put(handle.element, { tabindex: 0 });
      }
  }

  /** Make a handle its group's stop, and focus it. @param {Handle} handle */
  choose(handle) {
    for (const other of this.known.values())
      if (other.group === handle.group) put(other.element, { tabindex: other === handle ? 0 : -1 });
    this.current.set(handle.group, handle.name);
    handle.element.focus({ preventScroll: true });
  }

  /** The neighbour in the same group. @param {Handle} handle @param {number} by */
  neighbour(handle, by) {
    const group = [...this.known.values()].filter((other) => other.group === handle.group);
    const sorted = group.sort((a, b) => a.options.x - b.options.x || a.options.y - b.options.y);
    return sorted[sorted.indexOf(handle) + by];
  }

  destroy() {
    for (const handle of this.known.values()) handle.destroy();
  }
}

class Handle {
  /** @param {Handles} owner @param {string} group @param {string} name */
  constructor(owner, group, name) {
    this.owner = owner;
    this.group = group;
    this.name = name;
    this.drawn = true;
    /** @type {HandleOptions} */
    this.options = { x: 0, y: 0, axis: "x", low: 0, high: 1, step: 0.01, label: "", text: "", move: () => {} };
    this.mark = s("path", { class: "ttl-handle-mark" });
    const reach = s("circle", { class: "ttl-handle-reach", r: 14 });
    this.element = s("g", { class: "ttl-handle", role: "slider", tabindex: -1 }, reach, this.mark);
    this.element.addEventListener("keydown", this);
    let offset = [0, 0];
    const behaviour = drag()
      .container(() => owner.plot.svg)
      .on("start", (event) => {
        const { x, y } = owner.plot;
        offset = [x(this.options.x) - event.x, y(this.options.y) - event.y];
        owner.choose(this);
        this.element.classList.add("ttl-dragging");
      })
      .on("drag", (event) => this.dragTo(event.x + offset[0], event.y + offset[1], false))
      .on("end", (event) => {
        this.element.classList.remove("ttl-dragging");
        this.dragTo(event.x + offset[0], event.y + offset[1], true);
      });
    select(this.element).call(/** @type {any} */ (behaviour));
  }

  /** @param {HandleOptions} options @param {boolean} reachable */
  update(options, reachable) {
    this.options = options;
    const { x, y } = this.owner.plot;
    const vertical = options.axis === "y";
    put(this.mark, { d: SHAPES[options.shape ?? "circle"] });
    put(this.element, {
      class: `ttl-handle ttl-handle-${options.axis} ${options.className ?? ""}${this.element.classList.contains("ttl-dragging") ? " ttl-dragging" : ""}`,
      transform: `translate(${x(options.x) + (options.dx ?? 0)},${y(options.y) + (options.dy ?? 0)})`,
      tabindex: reachable ? 0 : -1,
      "aria-label": options.label,
      "aria-orientation": vertical ? "vertical" : "horizontal",
      "aria-valuemin": options.low,
      "aria-valuemax": options.high,
      "aria-valuenow": vertical ? options.y : options.x,
      "aria-valuetext": options.text,
    });
  }

  /** @param {number} px @param {number} py @param {boolean} done */
  dragTo(px, py, done) {
    const { x, y } = this.owner.plot;
    this.moveTo(x.invert(px), y.invert(py), done);
  }

  /** @param {number} toX @param {number} toY @param {boolean} done */
  moveTo(toX, toY, done) {
    const { options } = this;
    const { axis, low, high } = options;
    const snap = (/** @type {number} */ value) => Number((Math.round(value / (options.step / 10)) * (options.step / 10)).toPrecision(12));
    const clamp = (/** @type {number} */ value, /** @type {number} */ a, /** @type {number} */ b) => Math.min(b, Math.max(a, snap(value)));
    const nextX = axis === "y" ? options.x : clamp(toX, low, high);
    const nextY = axis === "x" ? options.y : clamp(toY, options.lowY ?? low, options.highY ?? high);
    if (nextX !== options.x || nextY !== options.y) options.move(nextX, nextY, done);
  }

  /** @param {KeyboardEvent} event */
  handleEvent(event) {
    const { options, owner } = this;
    const size = options.step * (event.shiftKey ? 10 : 1);
    const { x, y, axis } = options;
    const along = axis === "y" ? "ArrowUp ArrowDown" : "ArrowRight ArrowLeft";
    const [more, less] = along.split(" ");
    const other = axis === "y" ? ["ArrowRight", "ArrowLeft"] : ["ArrowUp", "ArrowDown"];
    const by = event.key === more ? size : event.key === less ? -size : 0;
    const page = event.key === "PageUp" ? size * 10 : event.key === "PageDown" ? -size * 10 : 0;
    const shift = event.key === other[0] ? 1 : event.key === other[1] ? -1 : 0;
    const across = (/** @type {number} */ to) => this.moveTo(axis === "y" ? x : to, axis === "y" ? to : y, true);
    if (by || page) across((axis === "y" ? y : x) + by + page);
    else if (event.key === "Home") across(options.low);
    else if (event.key === "End") across(options.high); else if (shift && axis === "xy") this.moveTo(x, y + shift * size, true);
    else if (shift) {
      const next = owner.neighbour(this, shift);
      if (next) owner.choose(next);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  destroy() {
    this.element.removeEventListener("keydown", this);
    select(this.element).on(".drag", null);
    this.element.remove();
  }
}
