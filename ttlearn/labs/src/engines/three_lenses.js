// @ts-check
/**
 * One run of a ReLU network whose layers learn at different speeds, read three ways: the best loss
 * over the outer layer, size and direction of every neuron, and the lowest curvature.
 */
import { stack } from "./arrays.js";
import { drain } from "./drain.js";
import { hessian } from "./relu_curvature.js";
import * as descent from "./relu_descent.js";
import { fast_solution } from "./relu_fast_layer.js";
import { make_problem, mean_target, relu_loss } from "./relu_network.js";
import { symmetric_eigen } from "./eigen.js";

/** @import {Progress, Trajectory} from "./types" */
/** @import {Problem} from "./relu_network.js" */
/** @import {ReluDescentParameters} from "./relu_descent.js" */

const RESOLUTION = 1e-3; // neurons nearer than this are one for a layer that has to be fast
const AT_ZERO = 1e-12; // a neuron this small has no Hessian of its own

/**
 * Lowest eigenvalue of sqrt(D) H sqrt(D): H is the Hessian, from the inner side where a breakpoint is
 * an end of the interval, D the ratio on the inner layer and 1 on the outer one. Neurons at zero are
 * left out.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {number} [timescale_ratio]
 * @returns {number}
 */
export function lowest_curvature(problem, parameters, timescale_ratio = 1) {
  const n = (parameters.length - 1) / 3;
  const all = Array.from({ length: n }, (_, j) => j);
  const kept = all.filter(
    (j) => Math.max(Math.abs(parameters[j]), Math.abs(parameters[n + j])) > AT_ZERO,
  );
  if (kept.length === 0) return 2 * (problem.right - problem.left);
  const part = (/** @type {number} */ from) => kept.map((j) => parameters[from + j]);
  const rest = [...part(0), ...part(n), ...part(2 * n), parameters[3 * n]];
  const speeds = rest.map((_, i) => (i < 2 * kept.length ? Math.sqrt(timescale_ratio) : 1));
  const felt = hessian(problem, rest, "inside").map((row, i) =>
    row.map((x, j) => speeds[i] * x * speeds[j]),
  );
  return symmetric_eigen(felt).values[0];
}

/**
 * The directions in which a neuron grows fastest from almost zero, for a positive and for a negative
 * outer weight, and the rate: size of 2 int sigma(cos x + sin) (mean - target).
 *
 * @param {Problem} problem
 * @returns {{rates: number[], angles: number[]}} angles in radians
 */
export function fastest_directions(problem) {
  const pull = (/** @type {number} */ angle, /** @type {number} */ sign) => {
    const neuron = [Math.cos(angle), Math.sin(angle), 0, mean_target(problem)];
    return -sign * relu_loss(problem, neuron).gradient[2];
  };
  const angles = [1, -1].map((sign) => {
    let best = 0;
    for (let k = -180; k < 180; k++) {
      const angle = (k * Math.PI) / 180;
      if (pull(angle, sign) > pull(best, sign)) best = angle;
    }
    for (let width = Math.PI / 180; width > 1e-9; width /= 2) {
      for (const angle of [best - width, best + width]) {
        if (pull(angle, sign) > pull(best, sign)) best = angle;
      }
    }
    return best;
  });
  return { angles, rates: angles.map((angle, i) => pull(angle, 1 - 2 * i)) };
}

/**
 * Angles of (w, b) in radians, row after row, without jumps by a whole turn.
 *
 * @param {Float64Array[]} rows parameters
 * @returns {Float64Array[]}
 */
function directions(rows) {
  const n = (rows[0].length - 1) / 3;
  const turn = 2 * Math.PI;
  /** @type {Float64Array[]} */
  const all = [];
  rows.forEach((row, k) => {
    const found = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      const angle = Math.atan2(row[n + j], row[j]);
      found[j] = k === 0 ? angle : angle - turn * Math.round((angle - all[k - 1][j]) / turn);
    }
    all.push(found);
  });
  return all;
}

/**
 * @param {ReluDescentParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run(parameters) {
  const problem = make_problem(parameters.problem);
  const trained = yield* descent.run(parameters);
  const { data, shape } = trained.arrays.parameters;
  const [count, size] = shape;
  const n = (size - 1) / 3;
  const rows = Array.from({ length: count }, (_, k) => data.subarray(k * size, (k + 1) * size));
  const sizes = rows.map((row) =>
    Float64Array.from({ length: n }, (_, j) => Math.hypot(row[j], row[n + j])),
  );
  const one = (/** @type {(row: Float64Array) => number} */ read) => ({
    data: Float64Array.from(rows, read),
    shape: [count],
  });
  const arrays = {
    ...trained.arrays,
    best_loss: one((row) => fast_solution(problem, row, RESOLUTION).loss),
    norms: stack(sizes),
    directions: stack(directions(rows)),
    lowest_curvature: one((row) => lowest_curvature(problem, row)),
    felt_curvature: one((row) => lowest_curvature(problem, row, parameters.timescale_ratio)),
  };
  return { ...trained, arrays };
}

/**
 * @param {ReluDescentParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}
