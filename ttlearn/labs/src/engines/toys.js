// @ts-check
/**
 * Toy systems: one hypothesis of the "almost never" theorem dropped at a time. E1 the plain saddle;
 * E2 a line of saddles; E3 curvature on one side only; E4 one step size maps an open set onto the
 * saddle; E5 no negative curvature. E6 to E8 live in the real loss: `real_loss_case`.
 */
import { trajectory } from "./arrays.js";
import { finite_array, number_in, one_of, positive, refuse, whole_in } from "./checks.js";
import { drain } from "./drain.js";

/** @import {Progress, Trajectory} from "./types" */

/**
 * @typedef {object} Toy
 * @property {string} formula
 * @property {number} dimension
 * @property {(p: ArrayLike<number>) => number} potential
 * @property {(p: ArrayLike<number>) => number[]} gradient
 * @property {number} unstable index of the coordinate that decides
 * @property {number} box starts are drawn from [-box, box]
 */

/** @typedef {"E1" | "E2" | "E3" | "E4" | "E5"} ToyName */

/**
 * p'(y) of E4: -y up to 1/2, then a line up to 2 at 1, then 2 y; odd.
 *
 * @param {number} y
 * @returns {number}
 */
function trap_slope(y) {
  const size = Math.abs(y);
  const bent = size <= 0.5 ? -size : size >= 1 ? 2 * size : 5 * size - 3;
  return Math.sign(y) * bent;
}

/**
 * @param {number} y
 * @returns {number}
 */
function trap_potential(y) {
  const size = Math.abs(y);
  if (size <= 0.5) return -0.5 * size * size;
  if (size >= 1) return size * size - 0.75;
  return -0.125 + 2.5 * (size * size - 0.25) - 3 * (size - 0.5);
}

/** @type {Readonly<Record<ToyName, Toy>>} */
export const TOYS = Object.freeze({
  E1: {
    formula: "f = (x² − y²)/2",
    dimension: 2,
    potential: (p) => 0.5 * (p[0] ** 2 - p[1] ** 2),
    gradient: (p) => [p[0], -p[1]],
    unstable: 1,
    box: 1,
  },
  E2: {
    formula: "f = (x² − y²)/2 on R³",
    dimension: 3,
    potential: (p) => 0.5 * (p[0] ** 2 - p[1] ** 2),
    gradient: (p) => [p[0], -p[1], 0],
    unstable: 1,
    box: 1,
  },
  E3: {
    formula: "f = x²/2 + y|y|/2",
    dimension: 2,
    potential: (p) => 0.5 * (p[0] ** 2 + p[1] * Math.abs(p[1])),
    gradient: (p) => [p[0], Math.abs(p[1])],
    unstable: 1,
    box: 1,
  },
  E4: {
    formula: "f = x²/2 + p(y), p′ = −y near 0 and 2y from |y| = 1 on",
    dimension: 2,
    potential: (p) => 0.5 * p[0] ** 2 + trap_potential(p[1]),
    gradient: (p) => [p[0], trap_slope(p[1])],
    unstable: 1,
    box: 2,
  },
  E5: {
    formula: "f = y³",
    dimension: 1,
    potential: (p) => p[0] ** 3,
    gradient: (p) => [3 * p[0] ** 2],
    unstable: 0,
    box: 1,
  },
});

const NAMES = /** @type {ToyName[]} */ (Object.keys(TOYS));

/**
 * @typedef {object} ToyParameters
 * @property {ToyName} name
 * @property {ArrayLike<number>[]} starts S points
 * @property {number} step_size
 * @property {ArrayLike<number>} steps step numbers to save at, from 0
 */

/**
 * Gradient descent from several starts. A point that leaves |.| <= 1e12 stays at its last place.
 * `points` has shape (K, S, d), `values` (K, S).
 *
 * @param {ToyParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run(parameters) {
  const name = one_of("name", parameters.name, NAMES);
  const toy = TOYS[name];
  const points = parameters.starts.map((start) => finite_array("starts", start, toy.dimension));
  if (points.length === 0) refuse("starts", "empty", "at least one point");
  const step_size = positive("step_size", parameters.step_size);
  const steps = finite_array("steps", parameters.steps);
  if (!steps.every((step, k) => Number.isInteger(step) && step > (steps[k - 1] ?? -1))) {
    refuse("steps", parameters.steps, "increasing whole numbers from 0 on");
  }
  const size = points.length * toy.dimension;
  const data = new Float64Array(steps.length * size);
  const values = new Float64Array(steps.length * points.length);
  const chunk = Math.max(1, Math.floor(20000 / points.length));
  let done = 0;
  for (let k = 0; k < steps.length; k++) {
    for (; done < steps[k]; done++) {
      for (const point of points) advance(toy, point, step_size);
      if (done % chunk === chunk - 1) yield { progress: done / steps[steps.length - 1] };
    }
    points.forEach((point, s) => {
      data.set(point, k * size + s * toy.dimension);
      values[k * points.length + s] = toy.potential(point);
    });
  }
  const shape = [steps.length, points.length];
  return trajectory({
    times: steps,
    arrays: {
      points: { data, shape: [...shape, toy.dimension] },
      values: { data: values, shape },
    },
    meta: { time: "step", steps: done },
  });
}

/**
 * @param {Toy} toy
 * @param {Float64Array} point changed in place, unless it would leave |.| <= 1e12
 * @param {number} step_size
 */
function advance(toy, point, step_size) {
  const slope = toy.gradient(point);
  for (let i = 0; i < point.length; i++) {
    if (!(Math.abs(point[i] - step_size * slope[i]) <= 1e12)) return;
  }
  for (let i = 0; i < point.length; i++) point[i] -= step_size * slope[i];
}

/**
 * @param {ToyParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}

/**
 * Share of a grid of starts whose unstable coordinate ends within `tolerance` of the saddle; the
 * other coordinates start at 0.3.
 *
 * @param {ToyName} name
 * @param {number} step_size
 * @param {{starts?: number, steps?: number, tolerance?: number}} [options]
 * @returns {number}
 */
export function trapped_fraction(name, step_size, options = {}) {
  const toy = TOYS[one_of("name", name, NAMES)];
  positive("step_size", step_size);
  const starts = whole_in("starts", options.starts ?? 1001, 2, 1e6);
  const steps = whole_in("steps", options.steps ?? 1000, 1, 1e7);
  const tolerance = number_in("tolerance", options.tolerance ?? 1e-3, 0, 1);
  let trapped = 0;
  for (let s = 0; s < starts; s++) {
    const point = new Float64Array(toy.dimension).fill(0.3);
    point[toy.unstable] = -toy.box + (2 * toy.box * s) / (starts - 1);
    for (let k = 0; k < steps; k++) advance(toy, point, step_size);
    if (Math.abs(point[toy.unstable]) <= tolerance) trapped++;
  }
  return trapped / starts;
}

/**
 * Start of a toy case inside the real loss ([0, 1], target x, ReLU, one neuron): (w, b, v, c).
 * E6: a dead neuron; E7: the sharp global minimum (1/size, 1/2, size, -size/2); E8: just beside a
 * semi-inactive neuron of the sign that keeps it dead.
 *
 * @param {"E6" | "E7" | "E8"} name
 * @param {number} [size] for E7
 * @returns {Float64Array}
 */
export function real_loss_case(name, size = 2) {
  positive("size", size);
  switch (one_of("name", name, ["E6", "E7", "E8"])) {
    case "E6":
      return Float64Array.of(-1, -0.5, 1, 0.1);
    case "E7":
      return Float64Array.of(1 / size, 0.5, size, -0.5 * size);
    default:
      return Float64Array.of(-1, 0.01, 0.5, 0.5);
  }
}
