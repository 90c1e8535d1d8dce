// @ts-check
/**
 * Gradient descent of the ReLU or leaky ReLU network on the exact loss, with a clock that counts
 * the steps until it leaves a ball around a point.
 */
import { is_bounded, stack, trajectory } from "./arrays.js";
import { finite_array, positive, refuse } from "./checks.js";
import { drain } from "./drain.js";
import { check_parameters, make_problem, ReluLoss } from "./relu_network.js";

/** @import {LabEvent, Progress, Trajectory} from "./types" */
/** @import {Problem} from "./relu_network.js" */

/**
 * @typedef {object} ReluDescentParameters
 * @property {Partial<Problem>} [problem] default: [0, 1], target x, ReLU
 * @property {ArrayLike<number>} start 3 N + 1 parameters
 * @property {number} step_size above 0; from 1/length on the output bias alone diverges
 * @property {number} [timescale_ratio] inner over outer rate; default 1
 * @property {ArrayLike<number>} steps step numbers to save at, from 0
 * @property {ArrayLike<number>} [point] centre of the ball
 * @property {number} [radius] of the ball; default 0.05
 * @property {boolean} [stop_outside] end the run once it has left the ball
 */

const CHUNK = 4000;

/**
 * Steps of one e-folding of a perturbation: 1 / ln(1 + step_size |smallest|).
 *
 * @param {number} step_size
 * @param {number} smallest most negative eigenvalue
 * @returns {number}
 */
export function escape_slope(step_size, smallest) {
  return 1 / Math.log1p(step_size * Math.abs(smallest));
}

/**
 * Predicted steps until the distance is `radius`: ln(radius / |overlap|) / ln(1 + step_size |smallest|).
 *
 * @param {number} step_size
 * @param {number} smallest most negative eigenvalue
 * @param {number} overlap perturbation along its eigenvector
 * @param {number} [radius]
 * @returns {number}
 */
export function predicted_steps(step_size, smallest, overlap, radius = 0.05) {
  return escape_slope(step_size, smallest) * Math.log(radius / Math.abs(overlap));
}

/**
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 * @returns {number}
 */
function distance(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

/**
 * @param {ReluDescentParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run(parameters) {
  const problem = make_problem(parameters.problem);
  const state = check_parameters(parameters.start, "start");
  const step_size = positive("step_size", parameters.step_size);
  const inner_step = step_size * positive("timescale_ratio", parameters.timescale_ratio ?? 1);
  const radius = positive("radius", parameters.radius ?? 0.05);
  const steps = finite_array("steps", parameters.steps);
  if (!steps.every((step, k) => Number.isInteger(step) && step > (steps[k - 1] ?? -1))) {
    refuse("steps", parameters.steps, "increasing whole numbers from 0 on");
  }
  const point = parameters.point ? finite_array("point", parameters.point, state.length) : null;
  const exact = new ReluLoss(problem, (state.length - 1) / 3);
  const inner = 2 * exact.neurons;
  const last = steps[steps.length - 1];
  /** @type {LabEvent[]} */
  const events = [];
  /** @type {Float64Array[]} */
  const states = [];
  const saved = [];
  let done = 0;
  let note = "";
  for (const goal of steps) {
    while (done < goal && !note) {
      exact.evaluate(state);
      for (let i = 0; i < inner; i++) state[i] -= inner_step * exact.gradient[i];
      for (let i = inner; i < state.length; i++) state[i] -= step_size * exact.gradient[i];
      done++;
      if (!is_bounded(state)) note = `Diverged at step ${done}: a smaller step size helps.`;
      if (point && events.length === 0 && distance(state, point) > radius) {
        events.push({ time: done, kind: "escape" });
        if (parameters.stop_outside) break;
      }
      if (done % CHUNK === 0) yield { progress: done / last };
    }
    if (note) break;
    states.push(Float64Array.from(state));
    saved.push(done);
    if (parameters.stop_outside && events.length > 0) break;
  }
  return { ...record(exact, states, saved, point, done, note), events };
}

/**
 * @param {ReluLoss} exact
 * @param {Float64Array[]} states
 * @param {number[]} saved their steps
 * @param {Float64Array | null} point
 * @param {number} done steps taken
 * @param {string} note
 * @returns {Trajectory}
 */
function record(exact, states, saved, point, done, note) {
  const shape = [states.length];
  const norms = states.map((row) => {
    exact.evaluate(row);
    return Math.hypot(...exact.gradient);
  });
  /** @type {Trajectory["arrays"]} */
  const arrays = {
    parameters: stack(states, 0, exact.gradient.length),
    gradient_norm: { data: Float64Array.from(norms), shape },
  };
  if (point) {
    arrays.distance = { data: Float64Array.from(states, (row) => distance(row, point)), shape };
  }
  return trajectory({
    times: Float64Array.from(saved),
    arrays,
    losses: Float64Array.from(states, (row) => exact.loss(row)),
    note,
    meta: { time: "step", steps: done, ...(note ? { stopped: done } : {}) },
  });
}

/**
 * @param {ReluDescentParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}
