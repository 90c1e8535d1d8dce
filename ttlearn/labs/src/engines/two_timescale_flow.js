// @ts-check
/**
 * Gradient flow of the step network with two timescales, in fast time t:
 * a' = -loss_factor grad_a L, u' = -timescale_ratio loss_factor grad_u L; saved at slow times
 * timescale_ratio * t. Exact population loss, adaptive stabilised integrator.
 */
import { in_words, stack, trajectory } from "./arrays.js";
import { finite_array, number_in, one_of, positive, target, times_from_zero } from "./checks.js";
import { drain } from "./drain.js";
import { PopulationLoss } from "./population_loss.js";
import { stabilised } from "./stabilised.js";

/** @import {Progress, Trajectory} from "./types" */

/**
 * @typedef {object} FlowParameters
 * @property {ArrayLike<number>} jumps of the target
 * @property {ArrayLike<number>} values of the target, one more
 * @property {ArrayLike<number>} positions of the m neurons at the start
 * @property {ArrayLike<number>} [outer_weights] m + 1 of them at the start; default zeros
 * @property {number} activation_width
 * @property {number} timescale_ratio
 * @property {ArrayLike<number>} times slow times to save at, from 0
 * @property {"exact" | "box"} [slope] default "exact"
 * @property {number} [loss_factor] 1 (default) or 1/2; multiplies the loss
 * @property {number} [relative_tolerance] error of one step relative to 1 for outer weights, to
 *   activation_width for positions; default 1e-4
 * @property {number} [max_steps] default 200000
 */

/**
 * @param {FlowParameters} parameters
 */
function checked(parameters) {
  const { jumps, values } = target(parameters.jumps, parameters.values);
  const positions = finite_array("positions", parameters.positions);
  const m = positions.length;
  const zeros = new Float64Array(m + 1);
  const weights = finite_array("outer_weights", parameters.outer_weights ?? zeros, m + 1);
  const start = new Float64Array(2 * m + 1);
  start.set(weights);
  start.set(positions, m + 1);
  const width = positive("activation_width", parameters.activation_width);
  const slope = one_of("slope", parameters.slope ?? "exact", ["exact", "box"]);
  const tolerance = parameters.relative_tolerance ?? 1e-4;
  return {
    m,
    start,
    scale: start.map((_, j) => (j <= m ? 1 : width)),
    population: new PopulationLoss(jumps, values, m, width, slope),
    ratio: positive("timescale_ratio", parameters.timescale_ratio),
    times: times_from_zero("times", parameters.times),
    factor: positive("loss_factor", parameters.loss_factor ?? 1),
    tolerance: number_in("relative_tolerance", tolerance, 1e-12, 0.1),
  };
}

/**
 * @param {FlowParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run(parameters) {
  const { m, start, scale, population, ratio, times, factor, tolerance } = checked(parameters);
  const { gradient } = population;
  /** @type {import("./stabilised.js").Field} */
  const field = (state, out) => {
    population.evaluate(state);
    for (let j = 0; j <= m; j++) out[j] = -factor * gradient[j];
    for (let j = m + 1; j < out.length; j++) out[j] = -factor * ratio * gradient[j];
  };
  const fast_times = times.map((time) => time / ratio);
  const options = { tolerance, scale, max_steps: parameters.max_steps };
  const steps = stabilised(field, start, fast_times, options);
  let next = steps.next();
  while (!next.done) {
    yield { progress: next.value };
    next = steps.next();
  }
  const { states, reason, time, ...counts } = next.value;
  return trajectory({
    times: times.slice(0, states.length),
    arrays: { positions: stack(states, m + 1), outer_weights: stack(states, 0, m + 1) },
    losses: Float64Array.from(states, (state) => factor * population.evaluate(state)),
    note: reason === "done" ? "" : ended_early(reason, time * ratio, counts.steps),
    meta: {
      time: "slow_time",
      timescale_ratio: ratio,
      ...counts,
      ...(reason === "done" ? {} : { stopped: time * ratio }),
    },
  });
}

/**
 * @param {string} reason
 * @param {number} slow_time
 * @param {number} steps
 * @returns {string}
 */
function ended_early(reason, slow_time, steps) {
  const where = `at slow time ${in_words(slow_time)}`;
  if (reason === "diverged") {
    return `Diverged ${where} (step ${steps} of the integrator): shown up to there.`;
  }
  return `Stopped ${where} after ${steps} steps of the integrator: raise max_steps to go on.`;
}

/**
 * @param {FlowParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}
