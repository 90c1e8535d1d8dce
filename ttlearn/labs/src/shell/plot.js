/**
 * A small plot: draw functions name what they draw, and what was drawn before under the same name is
 * moved instead of made anew, so that a handle keeps its focus while the picture changes under it.
 */

import { axisBottom, axisLeft } from "d3-axis";
import { scaleLinear, scaleLog } from "d3-scale";
import { select } from "d3-selection";
import { line } from "d3-shape";
import { put, s } from "./dom.js";
import { words } from "./format.js";
import { Handles } from "./handles.js";

/**
 * @typedef {{domain: [number, number], label?: string, log?: boolean, ticks?: number,
 *   values?: number[], format?: (value: number) => string}} AxisOptions
 * @typedef {import("d3-scale").ScaleContinuousNumeric<number, number>} Scale
 */

const MARGIN = { top: 8, right: 14, bottom: 38, left: 46 };

export class Plot {
  /**
   * @param {HTMLElement} container
   * @param {string} label accessible name
   * @param {number} height CSS pixels
   */
  constructor(container, label, height) {
    this.container = container;
    this.height = height;
    this.width = 0;
    this.margin = { ...MARGIN };
    /** @type {Scale} */
    this.x = scaleLinear();
    /** @type {Scale} */
    this.y = scaleLinear();
    this.scales = "";
    this.svg = s("svg", { class: "ttl-plot", role: "group", "aria-label": label });
    this.axes = s("g", { class: "ttl-axes", "aria-hidden": "true" });
    this.clip = s("svg", { class: "ttl-clip", "aria-hidden": "true" });
    this.marks = s("g");
    this.over = s("g", { "aria-hidden": "true" });
    this.clip.append(this.marks);
    this.svg.append(this.axes, this.clip, this.over);
    this.handles = new Handles(this);
    container.append(this.svg);
    /** @type {Map<string, {element: SVGElement, drawn: boolean, cache: any}>} */
    this.known = new Map();
  }

  /** Measure; true when the width changed. */
  resize() {
    const width = Math.max(240, Math.floor(this.container.clientWidth));
    if (width === this.width) return false;
    this.width = width;
    put(this.svg, { width, height: this.height, viewBox: `0 0 ${width} ${this.height}` });
    return true;
  }

  /**
   * Begin a drawing: scales and axes.
   * @param {{x: AxisOptions, y: AxisOptions, margin?: Partial<typeof MARGIN>}} options
   */
  frame({ x, y, margin }) {
    for (const entry of this.known.values()) entry.drawn = false;
    this.handles.begin();
    this.margin = { ...MARGIN, ...(y.label ? { left: 60 } : {}), ...margin };
    const right = this.width - this.margin.right;
    const bottom = this.height - this.margin.bottom;
    this.x = scale(x).range([this.margin.left, right]);
    this.y = scale(y).range([bottom, this.margin.top]);
    const key = JSON.stringify([x, y, this.margin, this.width, this.height]);
    if (key === this.scales) return;
    this.scales = key;
    const size = { x: this.margin.left, y: this.margin.top };
    const box = { width: Math.max(0, right - size.x), height: Math.max(0, bottom - size.y) };
    put(this.clip, { ...size, ...box, viewBox: `${size.x} ${size.y} ${box.width} ${box.height}` });
    this.drawAxes(x, y, right, bottom);
  }

  /**
   * @param {AxisOptions} x
   * @param {AxisOptions} y
   * @param {number} right
   * @param {number} bottom
   */
  drawAxes(x, y, right, bottom) {
    const { left, top } = this.margin;
    this.axes.replaceChildren();
    const below = s("g", { transform: `translate(0,${bottom})` });
    const beside = s("g", { transform: `translate(${left},0)` });
    this.axes.append(beside, below);
    const across = axisBottom(this.x).tickSize(4).tickPadding(4);
    const up = axisLeft(this.y).tickSize(-(right - left)).tickPadding(6);
    select(below).call(ticks(across, x, this.x, this.width / 75));
    select(beside).call(ticks(up, y, this.y, this.height / 34));
    beside.classList.add("ttl-grid");
    if (x.label)
      this.axes.append(s("text", { class: "ttl-axis-label", x: (left + right) / 2, y: bottom + 32, "text-anchor": "middle", text: x.label }));
    if (y.label)
      this.axes.append(s("text", { class: "ttl-axis-label", transform: `translate(11,${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle", text: y.label }));
  }

  /**
   * The element called `key`, made on first use.
   * @param {string} key
   * @param {keyof SVGElementTagNameMap} tag
   * @param {SVGElement} layer
   */
  element(key, tag, layer) {
    let entry = this.known.get(key);
    if (!entry) {
      entry = { element: /** @type {SVGElement} */ (s(tag)), drawn: true, cache: null };
      layer.append(entry.element);
    }
    this.known.delete(key);
    this.known.set(key, entry); // `known` is in the order of this drawing
    entry.drawn = true;
    return entry;
  }

  /**
   * A curve through (xs, ys); points that are not finite break it.
   * @param {string} key
   * @param {ArrayLike<number>} xs
   * @param {ArrayLike<number>} ys
   * @param {string} className
   */
  curve(key, xs, ys, className) {
    const entry = this.element(key, "path", this.marks);
    const { cache } = entry;
    if (!cache || cache.xs !== xs || cache.ys !== ys || cache.scales !== this.scales) {
      entry.cache = { xs, ys, scales: this.scales };
      const [low, high] = this.x.domain();
      const path = line(
        (_, i) => this.x(Math.min(high, Math.max(low, xs[i]))),
        (_, i) => this.y(ys[i]),
      ).defined((_, i) => Number.isFinite(this.y(ys[i])));
      put(entry.element, { d: path(/** @type {any} */ ({ length: Math.min(xs.length, ys.length) })) ?? "" });
    }
    put(entry.element, { class: `ttl-curve ${className}` });
  }

  /**
   * A line right across the plot at x or y.
   * @param {string} key
   * @param {{x?: number, y?: number}} at
   * @param {string} className
   */
  rule(key, at, className) {
    const { element } = this.element(key, "line", this.marks);
    const [x1, x2] = at.x === undefined ? this.x.range() : [this.x(at.x), this.x(at.x)];
    const [y1, y2] = at.y === undefined ? this.y.range() : [this.y(at.y), this.y(at.y)];
    put(element, { x1, x2, y1, y2, class: `ttl-rule ${className}` });
  }

  /**
   * @param {string} key
   * @param {[number, number]} from
   * @param {[number, number]} to
   * @param {string} className
   */
  segment(key, from, to, className) {
    const { element } = this.element(key, "line", this.marks);
    put(element, { x1: this.x(from[0]), x2: this.x(to[0]), y1: this.y(from[1]), y2: this.y(to[1]), class: className });
  }

  /**
   * A filled box in data coordinates.
   * @param {string} key
   * @param {[number, number]} xs
   * @param {[number, number]} ys
   * @param {string} className
   * @param {number} [opacity] of the filling
   */
  box(key, xs, ys, className, opacity) {
    const { element } = this.element(key, "rect", this.marks);
    const [left, right] = [this.x(xs[0]), this.x(xs[1])].sort((a, b) => a - b);
    const [top, bottom] = [this.y(ys[0]), this.y(ys[1])].sort((a, b) => a - b);
    put(element, { x: left, y: top, width: right - left, height: bottom - top, class: className, "fill-opacity": opacity });
  }

  /**
   * @param {string} key
   * @param {number} x
   * @param {number} y
   * @param {number} radius pixels
   * @param {string} className
   */
  dot(key, x, y, radius, className) {
    const { element } = this.element(key, "circle", this.over);
    put(element, { cx: this.x(x), cy: this.y(y), r: radius, class: className });
  }

  /**
   * Text at a place in data coordinates, moved by pixels.
   * @param {string} key
   * @param {number} x
   * @param {number} y
   * @param {string} text
   * @param {{className?: string, anchor?: "start" | "middle" | "end", dx?: number, dy?: number}} [options]
   */
  label(key, x, y, text, { className = "", anchor = "start", dx = 0, dy = 0 } = {}) {
    const { element } = this.element(key, "text", this.over);
    put(element, { x: this.x(x) + dx, y: this.y(y) + dy, "text-anchor": anchor, class: `ttl-label ${className}`, text });
  }

  /** End a drawing: what was not drawn this time goes, and the later drawn lies above, whenever it came. */
  done() {
    for (const [key, entry] of this.known)
      if (!entry.drawn) {
        entry.element.remove();
        this.known.delete(key);
      }
    const next = new Map([this.marks, this.over].map((layer) => [/** @type {Node} */ (layer), layer.firstChild]));
    for (const { element } of this.known.values()) {
      const layer = /** @type {Node} */ (element.parentNode);
      const place = next.get(layer) ?? null;
      if (element === place) next.set(layer, place.nextSibling);
      else layer.insertBefore(element, place);
    }
    this.handles.end();
    put(this.svg, { role: this.handles.known.size ? "group" : "img" });
  }

  destroy() {
    this.handles.destroy();
    this.svg.remove();
  }
}

/** @param {AxisOptions} options @returns {Scale} */
function scale({ domain, log }) {
  return log ? scaleLog().domain(domain) : scaleLinear().domain(domain);
}

/**
 * @param {import("d3-axis").Axis<any>} axis
 * @param {AxisOptions} options
 * @param {Scale} scale
 * @param {number} room how many ticks fit
 */
function ticks(axis, options, scale, room) {
  const format = options.format ?? ((/** @type {number} */ value) => words(value));
  const values = options.values ?? (options.log ? powers(scale, room) : scale.ticks(options.ticks ?? Math.max(2, room)));
  return axis.tickValues(values).tickFormat((value) => format(Number(value)));
}

/** Powers of ten inside the domain, thinned to what fits. @param {Scale} scale @param {number} room */
function powers(scale, room) {
  const [low, high] = scale.domain().map(Math.log10);
  const first = Math.ceil(low - 1e-9);
  const count = Math.floor(high + 1e-9) - first + 1;
  const every = Math.max(1, Math.ceil(count / Math.max(2, room)));
  const all = Array.from({ length: Math.max(0, count) }, (_, i) => first + i);
  return all.filter((exponent) => exponent % every === 0).map((exponent) => 10 ** exponent);
}
