/** What the lab of three lenses reads off its run. */

import { fastest_directions } from "../../engines/three_lenses.js";
import { make_problem } from "../../engines/relu_network.js";
import { critical_levels } from "../../engines/zigzag.js";
import { once, remember } from "./directional.js";
import { evenSteps } from "./saddles.js";
import { column, row } from "./steps.js";

/** @import {Frame, State} from "../../shell/types" */
/** @import {Trajectory} from "../../engines/types" */

const MOMENTS = 201;
const AT_BEST = 0.02; // of the loss: nearer to its best the outer layer counts as being there
const SETTLED = 1; // degrees

export const PROBLEM = make_problem({ left: -1 });
export const FASTEST = fastest_directions(PROBLEM);
/** From almost zero both signs of the outer weight grow at this rate. */
export const RATE = FASTEST.rates[0];

/** @param {State} state */
export function savedSteps({ horizon, step_size }) {
  return evenSteps(Math.floor(horizon / step_size + 0.5), MOMENTS);
}

/** @param {State} state */
export function savedTimes(state) {
  return remember(`lens times ${state.horizon} ${state.step_size}`, () => savedSteps(state).map((step) => step * state.step_size));
}

/** The weights at the start, flat. @param {State} state */
export function startPoint({ directions, outer_weights, scale }) {
  const turns = directions.map((/** @type {number} */ angle) => (angle * Math.PI) / 180);
  return [...turns.map((/** @type {number} */ turn) => scale * Math.cos(turn)), ...turns.map((/** @type {number} */ turn) => scale * Math.sin(turn)), ...outer_weights.map((/** @type {number} */ weight) => scale * weight), 0];
}

/** Colour of a neuron: the sign of its outer weight at the start. @param {State} state @param {number} j */
export function colourOf({ outer_weights }, j) {
  return outer_weights[j] < 0 ? "other" : "network";
}

/** The run on the screen if it is that of this state's neurons. @param {Frame} frame */
export function shown(frame) {
  const run = frame.runs.run;
  if (!run?.losses || run.arrays.norms.shape[1] !== frame.state.neurons || run.times.length === 0) return null;
  return { run, losses: run.losses, at: Math.min(frame.index, run.times.length - 1), times: once(run, `times ${frame.state.step_size}`, () => run.times.map((step) => step * frame.state.step_size)) };
}

/** One reading now. @param {Trajectory} run @param {string} name @param {number} at */
export function now(run, name, at) {
  return run.arrays[name].data[at];
}

/** Direction of a neuron over time, in degrees. @param {Trajectory} run @param {number} j */
export function degrees(run, j) {
  return once(run, `degrees ${j}`, () => column(run, "directions", j).map((angle) => (angle * 180) / Math.PI));
}

/** How far the neurons turn between two moments, at most, in degrees. @param {Trajectory} run @param {number} from @param {number} to */
export function turned(run, from, to) {
  const [one, two] = [row(run, "directions", from), row(run, "directions", to)];
  return (Math.max(...one.map((angle, j) => Math.abs(angle - two[j]))) * 180) / Math.PI;
}

/**
 * Moments of the run: when a hundredth of the loss is gone, and from when on the directions stay within a
 * degree of where they are then; -1 where the loss never gets there.
 * @param {Trajectory} run
 */
export function landmarks(run) {
  const found = once(run, "landmarks", () => {
    const losses = run.losses ?? new Float64Array(1);
    const moved = losses.findIndex((loss) => loss < 0.99 * losses[0]);
    let settled = moved;
    while (settled > 0 && turned(run, settled - 1, moved) < SETTLED) settled--;
    return [moved, settled];
  });
  return { moved: found[0], settled: found[1] };
}

/** Is the outer layer at its best for the inner one? @param {number} loss @param {number} best */
export function atBest(loss, best) {
  return loss - best <= AT_BEST * loss;
}

/** Critical levels for this width, and the one whose loss is nearest. @param {State} state @param {number} loss */
export function levels({ neurons }, loss) {
  const all = critical_levels(PROBLEM, neurons);
  const apart = (/** @type {{loss: number}} */ level) => Math.abs(Math.log(Math.max(loss, 1e-300) / level.loss));
  const nearest = all.reduce((a, b) => (apart(b) < apart(a) ? b : a));
  return { all, nearest, off: loss / nearest.loss - 1 };
}
