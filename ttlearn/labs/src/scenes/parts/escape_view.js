/** What the escape clock says about a state, computed once for each. */

import { saddle } from "../../engines/zigzag.js";
import { escapePlane, evenSteps, problemOf } from "./saddles.js";

/** @import {Frame, State} from "../../shell/types" */

const MOMENTS = 161;
const RADIUS = 0.05;
const SHORTEST = 200;
export const LONGEST = 60000;

/** @typedef {ReturnType<typeof compute>} Clock */
/** @type {WeakMap<State, Clock>} */
const known = new WeakMap();

/** @param {State} state @returns {Clock} */
export function clock(state) {
  let found = known.get(state);
  if (!found) {
    found = compute(state);
    known.set(state, found);
  }
  return found;
}

/** @param {State} state */
function compute(state) {
  const problem = problemOf(state);
  const point = saddle(problem, state.level, { first: state.first });
  const { values, directions } = escapePlane(problem, point);
  const turn = (state.angle / 180) * Math.PI;
  const [along, across] = [state.perturbation_size * Math.cos(turn), state.perturbation_size * Math.sin(turn)];
  const start = Array.from(point, (x, i) => x + along * directions[0][i] + across * directions[1][i]);
  const factor = 1 + state.step_size * Math.abs(values[0]);
  const overlap = Math.abs(along) < 1e-15 * state.perturbation_size ? 0 : along;
  const predicted = overlap === 0 ? Infinity : Math.log(RADIUS / Math.abs(overlap)) / Math.log(factor);
  const count = Math.min(LONGEST, Math.max(SHORTEST, Math.ceil(Math.min(1.25 * predicted, LONGEST))));
  return { problem, point, directions, smallest: values[0], second: values[1], start, factor, overlap, predicted, count, steps: evenSteps(count, MOMENTS) };
}

/** @param {State} state */
export function runSteps(state) {
  return clock(state).count;
}

/** The counted number of steps; −1 when the run stayed inside, null without a run. @param {Frame} frame */
export function counted(frame) {
  const run = frame.runs.escape;
  if (!run) return null;
  const event = run.events.find(({ kind }) => kind === "escape");
  return event ? event.time : typeof run.meta.escaped === "number" ? run.meta.escaped : -1;
}
