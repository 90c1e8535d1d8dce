/** Two timescales: the same network from the same start, trained at two ratios, beside the limit. */

import { initial_positions } from "../engines/mersenne_twister.js";
import { lab } from "../shell/lab.js";
import { words } from "../shell/format.js";
import worker from "worker:two_timescale_flow,two_timescale_limit,two_timescale_sgd";
import { lossPanel } from "./parts/step_loss.js";
import { networkPanel, positionsPanel } from "./parts/step_panels.js";
import { summary, table } from "./parts/step_words.js";
import { logTimes } from "./parts/steps.js";

/** @import {RunRequest, State} from "../shell/types" */

const DECADES = 6;
const MOMENTS = 181;

/** @param {State} state */
export function savedTimes(state) {
  return logTimes(state.horizon, DECADES, MOMENTS);
}

/**
 * Step numbers at which descent is saved: those of the saved times, up to the most that the reader allows.
 * @param {number[]} times
 * @param {number} step_size
 * @param {number} ratio
 * @param {number} most
 */
export function savedSteps(times, step_size, ratio, most) {
  const all = times.map((time) => Math.round(time / (step_size * ratio))).filter((step) => step <= most);
  if (all.length < times.length) all.push(most);
  return [...new Set(all)];
}

/**
 * @param {State} state
 * @param {string} slot
 * @param {number} timescale_ratio
 * @returns {RunRequest}
 */
function training(state, slot, timescale_ratio) {
  const { jumps, values, positions, activation_width, slope, step_size, noise, seed } = state;
  const common = { jumps, values, positions, activation_width, timescale_ratio, slope };
  const times = savedTimes(state);
  if (state.mode !== "sgd") return { slot, engine: "two_timescale_flow", parameters: { ...common, times } };
  const steps = savedSteps(times, step_size, timescale_ratio, state.most_steps);
  const random = { noise, seed, skip: positions.length };
  return { slot, engine: "two_timescale_sgd", parameters: { ...common, step_size, ...random, steps } };
}

/** @param {State} state @returns {RunRequest[]} */
export function runs(state) {
  const { jumps, values, positions } = state;
  const limit = { slot: "limit", engine: "two_timescale_limit", parameters: { jumps, values, positions, times: savedTimes(state) } };
  const ordinary = training(state, "ordinary", state.ordinary_ratio);
  if (state.mode === "limit") return [limit, ordinary];
  return [training(state, "slow", state.timescale_ratio), ordinary, limit];
}

/**
 * @param {State} state
 * @param {string[]} changed
 */
export function tidy(state, changed) {
  const next = { ...state };
  let note = "";
  const drawn = changed.includes("neurons") || changed.includes("seed");
  if (drawn && !changed.includes("positions")) next.positions = Array.from(initial_positions(next.seed, next.neurons));
  next.neurons = next.positions.length;
  if (next.values.length !== next.jumps.length + 1) {
    note = `A target with ${next.jumps.length} jumps has ${next.jumps.length + 1} levels: the levels were brought in line.`;
    const last = next.values[next.values.length - 1];
    next.values = Array.from({ length: next.jumps.length + 1 }, (_, i) => next.values[i] ?? last + i);
  }
  next.values = next.values.map((/** @type {number} */ value, /** @type {number} */ i, /** @type {number[]} */ all) => (i > 0 && value === all[i - 1] ? value + 0.05 : value));
  const onJump = (/** @type {number} */ at) => next.jumps.some((/** @type {number} */ jump) => Math.abs(jump - at) < 1e-6);
  // The slow flow has no unique answer for a start exactly on a jump.
  if (next.positions.some(onJump)) next.positions = next.positions.map((/** @type {number} */ at) => (onJump(at) ? at + 1e-4 : at));
  return { state: next, note };
}

export default lab({
  name: "two_timescale",
  worker,
  runs,
  tidy,
  times: savedTimes,
  slotName: (slot) => ({ slow: "Right run", ordinary: "Left run" })[slot] ?? "Limit",
  clock: (time) => `slow time ${words(time)}`,
  panels: [
    networkPanel("ordinary"),
    networkPanel("slow"),
    positionsPanel("ordinary"),
    positionsPanel("slow"),
    lossPanel(),
  ],
  summary,
  remark: () => "Drag a start ▲, a jump or a level of the target, or reach them with Tab and the arrow keys: both networks train again at once.",
  table,
});
