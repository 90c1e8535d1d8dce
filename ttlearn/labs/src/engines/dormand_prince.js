// @ts-check
/** Dormand-Prince 5(4) for y' = F(t, y): an adaptive integrator for small tolerances. */
import { is_bounded } from "./arrays.js";

/** @typedef {(time: number, state: Float64Array, out: Float64Array) => void} TimedField */
/** @import {Integration} from "./stabilised.js" */

const A = [
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const NODES = [1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** Memory of one integration: seven slopes, the state tried and its error estimate. */
export class Stages {
  /** @param {number} size of the state */
  constructor(size) {
    /** @type {Float64Array[]} */
    this.slopes = Array.from({ length: 7 }, () => new Float64Array(size));
    /** @type {Float64Array} */
    this.next = new Float64Array(size);
    this.error = new Float64Array(size);
  }

  /**
   * Try one step from (time, y), with the field there in slopes[0]. On return `next` holds the new
   * state, slopes[6] the field there and `error` the error estimate.
   *
   * @param {TimedField} field
   * @param {number} time
   * @param {number} step
   * @param {Float64Array} y
   */
  try_step(field, time, step, y) {
    const { slopes, next, error } = this;
    for (let stage = 0; stage < 6; stage++) {
      const row = A[stage];
      for (let i = 0; i < y.length; i++) {
        let sum = 0;
        for (let k = 0; k < row.length; k++) sum += row[k] * slopes[k][i];
        next[i] = y[i] + step * sum;
      }
      field(time + NODES[stage] * step, next, slopes[stage + 1]);
    }
    for (let i = 0; i < y.length; i++) {
      let sum = 0;
      for (let k = 0; k < 7; k++) sum += ERROR[k] * slopes[k][i];
      error[i] = step * sum;
    }
  }

  /**
   * Error of the step tried last, in units of absolute + relative * |y|.
   *
   * @param {Float64Array} y
   * @param {ArrayLike<number>} absolute for each component
   * @param {number} relative
   * @returns {number} at most 1 for a good step
   */
  error_norm(y, absolute, relative) {
    let largest = 0;
    for (let i = 0; i < y.length; i++) {
      const size = Math.max(Math.abs(y[i]), Math.abs(this.next[i]));
      const part = Math.abs(this.error[i]) / (absolute[i] + relative * size);
      if (Number.isNaN(part)) return Infinity;
      largest = Math.max(largest, part);
    }
    return largest;
  }
}

/**
 * Factor for the next step after an error.
 *
 * @param {number} error 1 is what is allowed
 * @returns {number}
 */
export function step_factor(error) {
  if (!Number.isFinite(error)) return 0.1;
  return Math.min(5, Math.max(0.1, 0.9 * Math.max(error, 1e-9) ** (-1 / 5)));
}

/**
 * Integrate y' = F(t, y) and give the state at chosen times; steps end exactly on them. Yields the
 * part done, from 0 to 1, counted in saved times.
 *
 * @param {TimedField} field
 * @param {ArrayLike<number>} start
 * @param {Float64Array} times increasing; the first is where `start` holds
 * @param {object} options
 * @param {ArrayLike<number>} options.absolute error allowed in a step, for each component
 * @param {number} options.relative error allowed relative to a component's size
 * @param {number} [options.first_step]
 * @param {number} [options.max_steps] default 200000
 * @param {number} [options.bound] default 1e12
 * @returns {Generator<number, Integration, unknown>}
 */
export function* dormand_prince(field, start, times, options) {
  const { absolute, relative, max_steps = 200000, bound = 1e12 } = options;
  const stages = new Stages(start.length);
  /** @type {Float64Array} */
  let y = Float64Array.from(start);
  /** @type {Float64Array[]} */
  const states = [Float64Array.from(y)];
  let [time, steps, evaluations] = [times[0], 0, 1];
  field(time, y, stages.slopes[0]);
  const end = times[times.length - 1];
  let step = options.first_step ?? 1e-4 * (end - time);
  /** @param {Integration["reason"]} reason */
  const result = (reason) => ({ states, reason, time, steps, evaluations });
  while (states.length < times.length) {
    if (steps >= max_steps) return result("too many steps");
    const goal = times[states.length];
    const arrives = time + step * (1 + 1e-9) >= goal;
    const taken = arrives ? goal - time : step;
    stages.try_step(field, time, taken, y);
    evaluations += 6;
    const error = stages.error_norm(y, absolute, relative);
    if (!(error <= 1)) {
      step = taken * Math.min(0.9, step_factor(error));
      if (!(time + step > time)) return result("diverged");
      continue;
    }
    time = arrives ? goal : time + taken;
    [y, stages.next] = [stages.next, y];
    stages.slopes.unshift(/** @type {Float64Array} */ (stages.slopes.pop()));
    steps++;
    if (!is_bounded(y, bound)) return result("diverged");
    if (arrives) states.push(Float64Array.from(y));
    step = arrives ? Math.max(taken * step_factor(error), step) : taken * step_factor(error);
    if (steps % 200 === 0) yield states.length / times.length;
  }
  return result("done");
}
