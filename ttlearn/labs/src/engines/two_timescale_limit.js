// @ts-check
/**
 * The two-timescale limit: true steps, outer weights always at their best. A neuron at u_j between
 * cells with means c_{j-1} and c_j moves with
 * u_j' = loss_factor [(f(u_j) - c_j)^2 - (f(u_j) - c_{j-1})^2] in slow time.
 *
 * Between events the field is smooth: each neuron remembers its piece of the target, and the piece
 * is continued beyond its ends. Events (a neuron reaches a jump; a stuck one comes loose) are found
 * by repeating the last step with a shorter length. What happens on a jump is Filippov's rule.
 */
import { argsort, in_words, stack, trajectory } from "./arrays.js";
import { finite_array, positive, target, times_from_zero } from "./checks.js";
import { Stages, step_factor } from "./dormand_prince.js";
import { drain } from "./drain.js";
import { Neurons } from "./limit_neurons.js";
import { fast_solution } from "./step_network.js";

/** @import {LabEvent, Progress, Trajectory} from "./types" */

/**
 * @typedef {object} LimitParameters
 * @property {ArrayLike<number>} jumps of the target
 * @property {ArrayLike<number>} values of the target, one more
 * @property {ArrayLike<number>} positions of the neurons at the start, in any order
 * @property {ArrayLike<number>} times slow times to save at, from 0
 * @property {number} [loss_factor] 1 (default) or 1/2; multiplies the loss
 * @property {number} [max_steps] default 100000
 */

/** Error allowed in one step, in the unit of x. */
const TOLERANCE = 1e-12;

/**
 * Longest part of a step that passes no event.
 *
 * @param {Neurons} neurons
 * @param {Stages} stages
 * @param {number} step one that passes an event
 * @returns {number} a step that ends on the event, or just behind it
 */
function step_to_event(neurons, stages, step) {
  let [low, low_margin] = [0, neurons.margin(neurons.u)];
  let [high, high_margin] = [step, neurons.margin(stages.next)];
  for (let round = 0; round < 150 && high - low > 2e-16 * high; round++) {
    // Secant steps, with a bisection in every third round so that the bracket surely shrinks.
    const guess = low - (low_margin * (high - low)) / (high_margin - low_margin);
    const middle = round % 3 < 2 && guess > low && guess < high ? guess : (low + high) / 2;
    if (middle <= low || middle >= high) break;
    stages.try_step(neurons.field, 0, middle, neurons.u);
    const margin = neurons.margin(stages.next);
    if (margin < 0) [high, high_margin] = [middle, margin];
    else [low, low_margin] = [middle, margin];
  }
  stages.try_step(neurons.field, 0, high, neurons.u);
  return high;
}

/**
 * Advance to a time.
 *
 * @param {Neurons} neurons
 * @param {Stages} stages
 * @param {{time: number, step: number, steps: number}} clock changed in place
 * @param {number} goal
 * @param {number} max_steps
 * @param {(hit: {neuron: number, jump: number, crossed: boolean}) => void} tell
 * @returns {Generator<null, boolean, unknown>} false when max_steps did not suffice
 */
function* advance(neurons, stages, clock, goal, max_steps, tell) {
  const absolute = new Float64Array(neurons.u.length).fill(TOLERANCE);
  while (clock.time < goal) {
    if (clock.steps >= max_steps) return false;
    neurons.velocities(neurons.u, stages.slopes[0]);
    const velocity = Float64Array.from(stages.slopes[0]);
    if (velocity.every((speed) => speed === 0)) break;
    const arrives = clock.time + clock.step * (1 + 1e-9) >= goal;
    let taken = arrives ? goal - clock.time : clock.step;
    stages.try_step(neurons.field, 0, taken, neurons.u);
    const error = stages.error_norm(neurons.u, absolute, 0);
    if (!(error <= 1) && clock.time + 0.1 * taken > clock.time) {
      clock.step = taken * Math.min(0.9, step_factor(error));
      continue;
    }
    const event = neurons.margin(stages.next) < 0;
    if (event) taken = step_to_event(neurons, stages, taken);
    neurons.u.set(stages.next);
    clock.steps++;
    clock.time = arrives && !event ? goal : clock.time + taken;
    const grown = taken * step_factor(error);
    clock.step = arrives || event ? Math.max(clock.step, grown) : grown;
    if (event) neurons.arrive(velocity).forEach(tell);
    if (clock.steps % 200 === 0) yield null;
  }
  clock.time = goal;
  return true;
}

/**
 * @param {LimitParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run(parameters) {
  const { jumps, values } = target(parameters.jumps, parameters.values);
  const given = finite_array("positions", parameters.positions);
  const times = times_from_zero("times", parameters.times);
  const factor = positive("loss_factor", parameters.loss_factor ?? 1);
  const order = argsort(given);
  const neurons = new Neurons(jumps, values, Float64Array.from(order, (j) => given[j]), factor);
  neurons.settle();
  const stages = new Stages(given.length);
  const end = times[times.length - 1];
  const clock = { time: 0, step: 1e-4 * end, steps: 0 };
  /** @type {LabEvent[]} */
  const events = [];
  /** @type {Float64Array[]} */
  const rows = [];
  let note = "";
  for (const goal of times) {
    const steps = advance(neurons, stages, clock, goal, parameters.max_steps ?? 100000, (hit) => {
      const kind = hit.crossed ? "crossing" : "hit";
      const neuron = order[hit.neuron];
      events.push({ time: clock.time, kind, neuron, jump: hit.jump, position: jumps[hit.jump] });
    });
    let next = steps.next();
    while (!next.done) {
      yield { progress: clock.time / end };
      next = steps.next();
    }
    if (!next.value) {
      note = `Stopped at slow time ${in_words(clock.time)} after ${clock.steps} steps: raise max_steps.`;
      break;
    }
    const row = new Float64Array(given.length);
    order.forEach((j, k) => (row[j] = neurons.u[k]));
    rows.push(row);
  }
  const stopped = note ? clock.time : null;
  return { ...record(rows, times, jumps, values, factor, clock.steps, stopped), events, note };
}

/**
 * @param {Float64Array[]} rows positions, in the order given
 * @param {Float64Array} times
 * @param {Float64Array} jumps
 * @param {Float64Array} values
 * @param {number} factor
 * @param {number} steps
 * @param {number | null} stopped
 * @returns {Trajectory}
 */
function record(rows, times, jumps, values, factor, steps, stopped) {
  const best = rows.map((row) => fast_solution(row, jumps, values));
  return trajectory({
    times: times.slice(0, rows.length),
    arrays: {
      positions: stack(rows),
      outer_weights: stack(best.map((fit) => fit.outer_weights)),
    },
    losses: Float64Array.from(best, (fit) => factor * fit.loss),
    meta: { time: "slow_time", steps, ...(stopped === null ? {} : { stopped }) },
  });
}

/**
 * @param {LimitParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}
