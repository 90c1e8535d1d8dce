// @ts-check
/**
 * The linear predictor on n samples of a symmetric law instead of all of it:
 * L = mean ln(1 + exp(-w.z_i)), z_i = label * point. Gradient flow (`times`) or descent (`steps` and
 * `step_size`). Points are drawn as `numpy.random.RandomState(seed).standard_normal((n, d))`.
 */
import { in_words, is_bounded, stack, trajectory } from "./arrays.js";
import { finite_array, one_of, positive, refuse, times_from_zero, whole_in } from "./checks.js";
import { drain } from "./drain.js";
import { make_law } from "./law.js";
import { mersenne_twister } from "./mersenne_twister.js";
import { stabilised } from "./stabilised.js";

/** @import {Progress, Trajectory} from "./types" */
/** @import {Law} from "./law.js" */

/**
 * @typedef {object} SampleParameters
 * @property {"gaussian" | "sphere"} kind of the law
 * @property {number} samples n, 1 to 1000000
 * @property {number} seed
 * @property {ArrayLike<number>} weights w at the start, d coordinates; the teacher is (1, 0, ...)
 * @property {ArrayLike<number>} [times] of the flow to save at, from 0
 * @property {ArrayLike<number>} [steps] of the descent to save at, from 0
 * @property {number} [step_size] of the descent
 * @property {number} [tolerance] error of one step of the flow; default 1e-4
 */

/**
 * Signed samples z_i = sign(x_1) x, row after row.
 *
 * @param {"gaussian" | "sphere"} kind
 * @param {number} samples
 * @param {number} dimension
 * @param {number} seed
 * @returns {Float64Array}
 */
export function signed_samples(kind, samples, dimension, seed) {
  const { normal } = mersenne_twister(seed);
  const out = Float64Array.from({ length: samples * dimension }, normal);
  for (let i = 0; i < out.length; i += dimension) {
    let square = 0;
    for (let k = 0; k < dimension; k++) square += out[i + k] ** 2;
    const length = kind === "sphere" ? Math.sqrt(square) : 1;
    const factor = (out[i] < 0 ? -1 : 1) / length;
    for (let k = 0; k < dimension; k++) out[i + k] *= factor;
  }
  return out;
}

/**
 * Loss on the samples.
 *
 * @param {Float64Array} z signed samples, row after row
 * @param {ArrayLike<number>} weights
 * @returns {number}
 */
export function sample_loss(z, weights) {
  const d = weights.length;
  let loss = 0;
  for (let i = 0; i < z.length; i += d) {
    let margin = 0;
    for (let k = 0; k < d; k++) margin += z[i + k] * weights[k];
    loss += Math.log1p(Math.exp(-Math.abs(margin))) + (margin < 0 ? -margin : 0);
  }
  return (loss * d) / z.length;
}

/**
 * Minus the gradient of the loss, mean of sigma(-w.z_i) z_i.
 *
 * @param {Float64Array} z signed samples, row after row
 * @param {ArrayLike<number>} weights
 * @param {Float64Array} out
 */
export function sample_force(z, weights, out) {
  const d = weights.length;
  out.fill(0);
  for (let i = 0; i < z.length; i += d) {
    let margin = 0;
    for (let k = 0; k < d; k++) margin += z[i + k] * weights[k];
    // For large margins exp becomes Infinity and the pull 0, as it should.
    const pull = 1 / (1 + Math.exp(margin));
    for (let k = 0; k < d; k++) out[k] += pull * z[i + k];
  }
  const count = z.length / d;
  for (let k = 0; k < d; k++) out[k] /= count;
}

/**
 * Root mean square of the angle that n samples leave, at a norm, before the departure time:
 * its square is 2 f0 (ln 2 - 1/2) E[|x_perp|^2 | x_1 = 0] / (k^2 n norm).
 *
 * @param {"gaussian" | "sphere"} kind
 * @param {Law} law
 * @param {number} samples
 * @param {number} norm
 * @returns {number}
 */
export function statistical_floor(kind, law, samples, norm) {
  const spread = kind === "gaussian" ? law.dimension - 1 : 1;
  const top = 2 * law.density_at_zero * (Math.LN2 - 0.5) * spread;
  return Math.sqrt(top / (law.k * law.k * samples * norm));
}

/**
 * Time until which n samples follow the whole law: (2 f0 n)^3 / (3 K).
 *
 * @param {Law} law
 * @param {number} samples
 * @returns {number}
 */
export function departure_time(law, samples) {
  return (2 * law.density_at_zero * samples) ** 3 / (3 * law.tail);
}

/**
 * @param {Float64Array} z
 * @param {Float64Array} start
 * @param {Float64Array} steps
 * @param {number} step_size
 * @returns {Generator<Progress, {states: Float64Array[], note: string}, unknown>}
 */
function* descend(z, start, steps, step_size) {
  const weights = Float64Array.from(start);
  const force = new Float64Array(start.length);
  const chunk = Math.max(1, Math.ceil((200000 * start.length) / z.length));
  const last = steps[steps.length - 1];
  /** @type {Float64Array[]} */
  const states = [];
  let done = 0;
  for (const goal of steps) {
    for (; done < goal; done++) {
      sample_force(z, weights, force);
      for (let k = 0; k < weights.length; k++) weights[k] += step_size * force[k];
      if (!is_bounded(weights)) {
        return { states, note: `Diverged at step ${done + 1}: a smaller step size helps.` };
      }
      if (done % chunk === 0) yield { progress: done / last };
    }
    states.push(Float64Array.from(weights));
  }
  return { states, note: "" };
}

/**
 * @param {Float64Array} z
 * @param {Float64Array} start
 * @param {Float64Array} times
 * @param {number} tolerance
 * @returns {Generator<Progress, {states: Float64Array[], note: string}, unknown>}
 */
function* follow(z, start, times, tolerance) {
  const steps = stabilised((state, out) => sample_force(z, state, out), start, times, {
    tolerance,
    scale: new Float64Array(start.length).fill(1),
    evaluations_between: Math.max(1, Math.ceil((200000 * start.length) / z.length)),
  });
  let next = steps.next();
  while (!next.done) {
    yield { progress: next.value };
    next = steps.next();
  }
  const { states, reason, time } = next.value;
  return { states, note: reason === "done" ? "" : `Stopped at time ${in_words(time)}: ${reason}.` };
}

/**
 * @param {SampleParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run(parameters) {
  const kind = one_of("kind", parameters.kind, ["gaussian", "sphere"]);
  const samples = whole_in("samples", parameters.samples, 1, 1000000);
  const start = finite_array("weights", parameters.weights);
  const d = start.length;
  if (d < 2 || d > 100) refuse("weights", parameters.weights, "2 to 100 coordinates");
  const law = make_law({ kind, dimension: d });
  const z = signed_samples(kind, samples, d, parameters.seed);
  const { steps } = parameters;
  const grid = times_from_zero(steps ? "steps" : "times", steps ?? parameters.times);
  if (steps && !grid.every(Number.isInteger)) refuse("steps", steps, "whole numbers");
  const { states, note } = steps
    ? yield* descend(z, start, grid, positive("step_size", parameters.step_size))
    : yield* follow(z, start, grid, positive("tolerance", parameters.tolerance ?? 1e-4));
  const norms = Float64Array.from(states, (state) => Math.hypot(...state));
  const floors = norms.map((norm) => statistical_floor(kind, law, samples, norm));
  // In the plane with a sign, positive counter-clockwise from the teacher.
  const across = (/** @type {Float64Array} */ state) =>
    d === 2 ? state[1] : Math.hypot(...state.subarray(1));
  const shape = [states.length];
  return trajectory({
    times: grid.slice(0, states.length),
    arrays: {
      weights: stack(states),
      norm: { data: norms, shape },
      angle: { data: Float64Array.from(states, (w) => Math.atan2(across(w), w[0])), shape },
      statistical_floor: { data: floors, shape },
    },
    losses: Float64Array.from(states, (state) => sample_loss(z, state)),
    note,
    meta: {
      time: steps ? "step" : "time",
      departure_time: departure_time(law, samples),
      ...(note ? { stopped: grid[states.length - 1] ?? 0 } : {}),
    },
  });
}

/**
 * @param {SampleParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}
