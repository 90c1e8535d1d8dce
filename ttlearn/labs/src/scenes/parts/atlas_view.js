/** What the atlas shows at a moment, computed once for each frame. */

import { neuron_types } from "../../engines/relu_network.js";
import { zigzag } from "../../engines/zigzag.js";
import { row } from "./steps.js";
import { corners, curvature, flat, judge, problemOf } from "./saddles.js";

/** @import {Frame} from "../../shell/types" */

/** @typedef {ReturnType<typeof compute>} View */
/** @type {WeakMap<Frame, View>} */
const known = new WeakMap();

/** @param {Frame} frame @returns {View} */
export function view(frame) {
  let found = known.get(frame);
  if (!found) {
    found = compute(frame);
    known.set(frame, found);
  }
  return found;
}

/** @param {Frame} frame */
function compute(frame) {
  const { state } = frame;
  const problem = problemOf(state);
  const start = flat(state.inner_weights, state.biases, state.outer_weights, state.output_bias);
  const run = frame.runs.descent;
  const fits = run && run.arrays.parameters.shape[1] === start.length;
  const last = fits ? run.times.length - 1 : 0;
  const parameters = frame.index > 0 && fits ? Array.from(row(run, "parameters", Math.min(frame.index, last))) : start;
  const ideal = zigzag(problem, state.level, state.first);
  return {
    problem,
    start,
    parameters,
    run: fits ? run : null,
    verdict: judge(problem, parameters, frame.index > 0),
    neurons: neuron_types(problem, parameters),
    shape: corners(problem, parameters),
    ideal,
    ...curvature(problem, parameters),
  };
}
