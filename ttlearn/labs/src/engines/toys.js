// @ts-check
/** Gradient descent on the toy systems: who gets away, and who is caught. */
import { linspace, trajectory } from "./arrays.js";
import { finite_array, number_in, one_of, positive, refuse, whole_in } from "./checks.js";
import { drain } from "./drain.js";
import { distance, placed, real_loss_case, shown, TOYS } from "./toy_systems.js";

/** @import {Progress, Trajectory} from "./types" */
/** @import {Toy, ToyName} from "./toy_systems.js" */

export { distance, placed, real_loss_case, shown, TOYS };

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
  const points = parameters.starts.map((start) => finite_array("starts", start, toy.rest.length));
  if (points.length === 0) refuse("starts", "empty", "at least one point");
  const step_size = positive("step_size", parameters.step_size);
  const steps = finite_array("steps", parameters.steps);
  if (!steps.every((step, k) => Number.isInteger(step) && step > (steps[k - 1] ?? -1))) {
    refuse("steps", parameters.steps, "increasing whole numbers from 0 on");
  }
  const size = points.length * toy.rest.length;
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
      data.set(point, k * size + s * toy.rest.length);
      values[k * points.length + s] = toy.potential(point);
    });
  }
  const shape = [steps.length, points.length];
  return trajectory({
    times: steps,
    arrays: {
      points: { data, shape: [...shape, toy.rest.length] },
      values: { data: values, shape },
    },
    meta: { time: "step", steps: done },
  });
}

/**
 * @param {Toy} toy
 * @param {Float64Array | number[]} point changed in place, unless it would leave |.| <= 1e12
 * @param {number} step_size
 * @returns {boolean} whether it moved
 */
function advance(toy, point, step_size) {
  const slope = toy.gradient(point);
  for (let i = 0; i < point.length; i++) {
    if (!(Math.abs(point[i] - step_size * slope[i]) <= 1e12)) return false;
  }
  let moved = false;
  for (let i = 0; i < point.length; i++) {
    const before = point[i];
    point[i] -= step_size * slope[i];
    moved ||= point[i] !== before;
  }
  return moved;
}

/**
 * @param {ToyParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}

/**
 * Share of a grid of starts that are caught. The grid is a line in the coordinate that decides; in
 * the real loss (E6 to E8) it is a square on the plane, of about so many starts.
 *
 * @param {ToyName} name
 * @param {number} step_size
 * @param {{starts?: number, steps?: number, tolerance?: number}} [options] tolerance: largest
 *   distance that counts as caught; by default the toy's `near`
 * @returns {number}
 */
export function trapped_fraction(name, step_size, options = {}) {
  const toy = TOYS[one_of("name", name, NAMES)];
  positive("step_size", step_size);
  const starts = whole_in("starts", options.starts ?? 1001, 2, 1e6);
  const steps = whole_in("steps", options.steps ?? 1000, 1, 1e7);
  const tolerance = number_in("tolerance", options.tolerance ?? toy.near, 0, 1);
  const up = linspace(-toy.box, toy.box, toy.distance ? Math.round(Math.sqrt(starts)) : starts);
  const across = toy.distance ? up : [0];
  let trapped = 0;
  for (const y of up) {
    for (const x of across) {
      const point = placed(toy, x, y);
      for (let k = 0; k < steps; k++) if (!advance(toy, point, step_size)) break;
      if (distance(toy, point) <= tolerance) trapped++;
    }
  }
  return trapped / (up.length * across.length);
}
