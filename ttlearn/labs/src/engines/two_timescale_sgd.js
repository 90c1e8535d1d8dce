// @ts-check
/**
 * One-sample stochastic gradient descent of the step network, as the paper's program runs it.
 *
 * At each step draw x uniform on [0, 1], then noise z uniform on [-noise, noise]; with
 * r = target(x) + z - f(x) at the old parameters, s_j = (x - u_j) / activation_width:
 * a_0 += 2 h r, a_j += 2 h r S(s_j), u_j -= 2 h timescale_ratio r a_j w(s_j) / activation_width
 * (old a_j). w is the box by default (the paper's program) or S' ("exact").
 */
import { is_bounded, stack, trajectory } from "./arrays.js";
import { finite_array, number_in, one_of, positive, refuse, target, whole_in } from "./checks.js";
import { drain } from "./drain.js";
import { mersenne_twister } from "./mersenne_twister.js";
import { PopulationLoss } from "./population_loss.js";

/** @import {Progress, Trajectory} from "./types" */

/**
 * @typedef {object} SgdParameters
 * @property {ArrayLike<number>} jumps of the target
 * @property {ArrayLike<number>} values of the target, one more
 * @property {ArrayLike<number>} positions of the m neurons at the start
 * @property {ArrayLike<number>} [outer_weights] m + 1 of them at the start; default zeros
 * @property {number} activation_width
 * @property {number} timescale_ratio
 * @property {number} step_size
 * @property {number} noise half the width of the noise
 * @property {number} seed of the random stream
 * @property {number} [skip] numbers of the stream to pass over first
 * @property {ArrayLike<number>} steps step numbers to save at, from 0
 * @property {"box" | "exact"} [slope] default "box"
 */

const CHUNK = 20000;
const BOUND = 1e12;
const GROWTH = 2; // a longer run is shown when it has grown by this: time is read by ratios

/** One run's state; `advance` is the hot loop. */
class Descent {
  /** @param {SgdParameters} parameters */
  constructor(parameters) {
    const { jumps, values } = target(parameters.jumps, parameters.values);
    this.jumps = jumps;
    this.values = values;
    const positions = finite_array("positions", parameters.positions);
    const m = positions.length;
    this.neurons = m;
    const zeros = new Float64Array(m + 1);
    this.weights = finite_array("outer_weights", parameters.outer_weights ?? zeros, m + 1);
    this.positions = positions;
    this.width = positive("activation_width", parameters.activation_width);
    this.ratio = number_in("timescale_ratio", parameters.timescale_ratio, 0, 1e6);
    this.step_size = positive("step_size", parameters.step_size);
    this.noise = number_in("noise", parameters.noise, 0, 1e6);
    this.slope = one_of("slope", parameters.slope ?? "box", ["box", "exact"]);
    this.source = mersenne_twister(parameters.seed);
    const skip = whole_in("skip", parameters.skip ?? 0, 0, 1e6);
    for (let k = 0; k < skip; k++) this.source.random();
    this.shares = new Float64Array(m);
  }

  /**
   * Take up to `count` steps.
   *
   * @param {number} count
   * @returns {number} steps taken; fewer than `count` when the residual overflowed
   */
  advance(count) {
    const { jumps, values, weights: a, positions: u, shares, width, neurons: m } = this;
    const { random } = this.source;
    const exact = this.slope === "exact";
    const noise = this.noise;
    for (let k = 0; k < count; k++) {
      const x = random();
      const z = noise * (2 * random() - 1);
      let piece = 0;
      while (piece < jumps.length && jumps[piece] <= x) piece++;
      let f = a[0];
      for (let j = 0; j < m; j++) {
        const s = (x - u[j]) / width;
        // The odd form of S: 1/2 + s (3 - 6 |s| + 4 s^2).
        const share = s >= 0.5 ? 1 : s <= -0.5 ? 0 : 0.5 + s * (3 - 6 * Math.abs(s) + 4 * s * s);
        shares[j] = share;
        f += a[j + 1] * share;
      }
      const r = values[piece] + z - f;
      if (!(Math.abs(r) <= BOUND)) return k;
      const push = 2 * this.step_size * r;
      const shift = (push * this.ratio) / width;
      a[0] += push;
      for (let j = 0; j < m; j++) {
        const share = shares[j];
        if (share === 0 && x !== u[j] - width / 2) continue;
        const rest = 0.5 - Math.abs((x - u[j]) / width);
        if (rest >= 0) u[j] -= shift * a[j + 1] * (exact ? 12 * rest * rest : 1);
        a[j + 1] += push * share;
      }
    }
    return count;
  }

  /** @returns {Float64Array} outer weights, then positions */
  state() {
    const state = new Float64Array(2 * this.neurons + 1);
    state.set(this.weights);
    state.set(this.positions, this.neurons + 1);
    return state;
  }
}

/**
 * @param {unknown} steps
 * @returns {Float64Array}
 */
function checked_steps(steps) {
  const list = finite_array("steps", steps);
  const good = list.every((step, k) => Number.isInteger(step) && (k === 0 || step > list[k - 1]));
  if (list.length === 0 || list[0] !== 0 || !good) {
    refuse("steps", steps, "increasing whole numbers that start at 0");
  }
  return list;
}

/**
 * The record of the states saved so far.
 *
 * @param {Descent} descent
 * @param {PopulationLoss} population
 * @param {Float64Array} steps
 * @param {Float64Array[]} states
 * @param {number} stopped step at which the run diverged; NaN when it did not
 * @returns {Trajectory}
 */
function view(descent, population, steps, states, stopped) {
  const m = descent.neurons;
  const slow_step = descent.step_size * descent.ratio;
  const fine = Number.isNaN(stopped);
  return trajectory({
    times: steps.slice(0, states.length).map((step) => step * (slow_step || 1)),
    arrays: { positions: stack(states, m + 1), outer_weights: stack(states, 0, m + 1) },
    losses: Float64Array.from(states, (state) => population.evaluate(state)),
    note: fine
      ? ""
      : `Diverged at step ${stopped}: a smaller step size helps.`,
    meta: {
      time: slow_step > 0 ? "slow_time" : "step",
      steps: fine ? steps[states.length - 1] : stopped,
      ...(fine ? {} : { stopped }),
    },
  });
}

/**
 * @param {SgdParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run(parameters) {
  const steps = checked_steps(parameters.steps);
  const descent = new Descent(parameters);
  const { jumps, values, neurons, width } = descent;
  const population = new PopulationLoss(jumps, values, neurons, width);
  /** @type {Float64Array[]} */
  const states = [];
  const record = (/** @type {number} */ stopped = NaN) =>
    view(descent, population, steps, states, stopped);
  const last = steps[steps.length - 1];
  let done = 0;
  let shown = 0;
  let yielded = 0;
  for (const goal of steps) {
    while (done < goal) {
      const chunk = Math.min(CHUNK, goal - done);
      const taken = descent.advance(chunk);
      done += taken;
      if (taken < chunk) return record(done);
      if (done - yielded < CHUNK) continue;
      yielded = done;
      const grown = done >= GROWTH * shown;
      if (grown) shown = done;
      yield grown ? { progress: done / last, partial: record() } : { progress: done / last };
    }
    const state = descent.state();
    if (!is_bounded(state, BOUND)) return record(done);
    states.push(state);
  }
  return record();
}

/**
 * @param {SgdParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}
