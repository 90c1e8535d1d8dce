/** What the directional labs say and draw in common. Pure. */

import { mersenne_twister } from "../../engines/mersenne_twister.js";
import { words } from "../../shell/format.js";

/** @import {Trajectory} from "../../engines/types" */
/** @import {Plot} from "../../shell/plot.js" */
/** @import {State} from "../../shell/types" */
/** @import {LawName} from "../../engines/law.js" */

const LOG_SHOWN = -4; // from here on ten to this power is read more easily than a decimal

/** The engines' name of the law on the form. @param {State} state @returns {LawName} */
export function lawName({ law, dimension }) {
  return law === "gaussian" ? { kind: "gaussian" } : { kind: law, dimension: dimension ?? 2 };
}

/** @param {State} state */
export function lawWords({ law, dimension }) {
  if (law === "gaussian") return "Gaussian data";
  return `data ${law === "sphere" ? "on the sphere" : "in the ball"} of ${dimension ?? 2} dimensions`;
}

/** log10 of the angle from y = ln tan(angle / 2), far below the smallest number too. @param {number} y */
export function logAngle(y) {
  return y < -10 ? (y + Math.LN2) / Math.LN10 : Math.log10(2 * Math.atan(Math.exp(y)));
}

/** A number given by its decimal logarithm, in words: "0.31", "10⁻¹⁰³". @param {number} exponent */
export function power(exponent) {
  if (exponent === -Infinity) return "0";
  if (exponent > LOG_SHOWN) return words(10 ** exponent);
  const whole = Math.round(exponent);
  if (Math.abs(whole) < 1e5) return `10${superscript(whole)}`;
  return `10^(${words(exponent)})`;
}

/** @param {number} whole */
function superscript(whole) {
  const digits = [...String(Math.abs(whole))].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
  return (whole < 0 ? "⁻" : "") + digits;
}

/** @type {WeakMap<object, Map<string, Float64Array>>} */
const known = new WeakMap();

/**
 * Something computed from a run once: the same object every time, so that curves are not rebuilt.
 * @param {object} run
 * @param {string} name
 * @param {() => ArrayLike<number>} make
 * @returns {Float64Array}
 */
export function once(run, name, make) {
  let all = known.get(run);
  if (!all) known.set(run, (all = new Map()));
  let made = all.get(name);
  if (!made) all.set(name, (made = Float64Array.from(make())));
  return made;
}

/** @type {Map<string, any>} */
const kept = new Map();

/**
 * The last few things made under a key.
 * @template T
 * @param {string} key
 * @param {() => T} make
 * @returns {T}
 */
export function remember(key, make) {
  if (!kept.has(key)) {
    if (kept.size > 24) kept.delete(kept.keys().next().value ?? "");
    kept.set(key, make());
  }
  return kept.get(key);
}

/**
 * Points of the law seen in the plane of the teacher and one direction across it.
 * @param {State} state
 * @param {number} count
 * @returns {[number, number][]}
 */
export function scatter({ law, dimension }, count) {
  const d = law === "gaussian" ? 2 : (dimension ?? 2);
  return remember(`scatter ${law} ${d} ${count}`, () => {
    const { normal, random } = mersenne_twister(3);
    return Array.from({ length: count }, () => {
      const point = Array.from({ length: d }, normal);
      const length = law === "gaussian" ? 1 : Math.hypot(...point);
      const radius = law === "ball" ? random() ** (1 / d) : 1;
      return /** @type {[number, number]} */ ([(point[0] * radius) / length, (point[1] * radius) / length]);
    });
  });
}

/** Half the height of a picture of the law's points. @param {State} state */
export function spread({ law, dimension }) {
  return law === "gaussian" ? 2.6 : Math.min(1.2, 3 / Math.sqrt(dimension ?? 2));
}

/**
 * A frame with the same scale along both axes, `half` the half height.
 * @param {Plot} plot
 * @param {number} half
 * @param {{x?: string, y?: string}} [labels]
 */
export function square(plot, half, labels = {}) {
  const across = (plot.width - (labels.y ? 60 : 46) - 14) / (plot.height - 46);
  plot.frame({
    x: { domain: [-half * across, half * across], label: labels.x },
    y: { domain: [-half, half], label: labels.y, ticks: 5 },
  });
  return half * across;
}

/**
 * An arrow from the origin.
 * @param {Plot} plot
 * @param {string} key
 * @param {[number, number]} tip
 * @param {string} colour "network", "other", "target"
 */
export function arrow(plot, key, tip, colour) {
  plot.segment(key, [0, 0], tip, `ttl-curve ttl-${colour}`);
  const [dx, dy] = [plot.x(tip[0]) - plot.x(0), plot.y(tip[1]) - plot.y(0)];
  const length = Math.hypot(dx, dy);
  if (length < 4) return;
  for (const side of [-1, 1]) {
    const turned = Math.atan2(dy, dx) + Math.PI + side * 0.45;
    const at = [plot.x(tip[0]) + 9 * Math.cos(turned), plot.y(tip[1]) + 9 * Math.sin(turned)];
    plot.segment(`${key} ${side}`, tip, [plot.x.invert(at[0]), plot.y.invert(at[1])], `ttl-curve ttl-${colour}`);
  }
}

/** One array of a run as it is. @param {Trajectory} run @param {string} name */
export function values(run, name) {
  return run.arrays[name].data;
}

/** Smallest finite entry. @param {ArrayLike<number>} list */
export function least(list) {
  let best = Infinity;
  for (let i = 0; i < list.length; i++) if (Number.isFinite(list[i]) && list[i] < best) best = list[i];
  return best;
}

/**
 * A path up to where it leaves [low, high] along x, cut at the edge itself.
 * @param {ArrayLike<number>} xs
 * @param {ArrayLike<number>} ys
 * @param {number} low
 * @param {number} high
 */
export function inside(xs, ys, low, high) {
  const cut = { xs: Float64Array.from(xs), ys: Float64Array.from(ys) };
  const out = (/** @type {number} */ i) => xs[i] < low || xs[i] > high;
  for (let i = 0; i < xs.length; i++) {
    if (!out(i)) continue;
    const near = i > 0 && !out(i - 1) ? i - 1 : i + 1 < xs.length && !out(i + 1) ? i + 1 : -1;
    const edge = xs[i] < low ? low : high;
    cut.xs[i] = near < 0 ? Number.NaN : edge;
    cut.ys[i] = near < 0 ? Number.NaN : ys[near] + ((ys[i] - ys[near]) * (edge - xs[near])) / (xs[i] - xs[near]);
  }
  return cut;
}

/** @type {WeakMap<object, Map<string, {xs: Float64Array, ys: Float64Array}>>} */
const paths = new WeakMap();

/**
 * The part of a path inside the picture, made once for a run and a picture.
 * @param {object} run
 * @param {string} name
 * @param {[number, number]} domain
 * @param {() => [ArrayLike<number>, ArrayLike<number>]} make
 */
export function pathOnce(run, name, [low, high], make) {
  let all = paths.get(run);
  if (!all) paths.set(run, (all = new Map()));
  const key = `${name} ${low} ${high}`;
  let made = all.get(key);
  if (!made) all.set(key, (made = inside(...make(), low, high)));
  return made;
}
