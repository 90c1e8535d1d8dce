/** One network, trained once, and three theories that look at the same run along one time cursor. */

import { mersenne_twister } from "../engines/mersenne_twister.js";
import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:three_lenses";
import { curvaturePanel, levelsPanel, manifoldPanel } from "./parts/lens_curves.js";
import { anglesPanel, dialPanel, networkPanel, sizesPanel } from "./parts/lens_neurons.js";
import { PROBLEM, savedSteps, savedTimes, startPoint } from "./parts/lens_view.js";
import { summary, table } from "./parts/lens_words.js";

/** @import {State} from "../shell/types" */

const LISTS = ["directions", "outer_weights"];
const SPARE = [60, 1]; // of a neuron that a list typed in adds

/** Directions in degrees, to a tenth, and outer weights 1 or -1. @param {number} seed @param {number} neurons */
export function randomStart(seed, neurons) {
  const { random } = mersenne_twister(seed);
  const directions = Array.from({ length: neurons }, () => (Math.floor(3600 * random()) - 1800) / 10);
  return { directions, outer_weights: directions.map(() => (random() < 0.5 ? 1 : -1)) };
}

/** @param {State} state @param {string[]} changed */
export function tidy(state, changed) {
  const next = { ...state };
  let note = "";
  const given = LISTS.find((name) => changed.includes(name));
  // A link may ask for neurons that the lists it leaves alone do not have.
  const typed = given && !(changed.includes("neurons") && next[given].length !== next.neurons) ? given : undefined;
  if (!typed && (changed.includes("neurons") || changed.includes("seed"))) Object.assign(next, randomStart(next.seed, next.neurons));
  const count = next[typed ?? "directions"].length;
  if (LISTS.some((name) => next[name].length !== count)) note = `Every neuron has a direction and an outer weight: both lists now have ${count}.`;
  LISTS.forEach((name, i) => {
    next[name] = Array.from({ length: count }, (_, j) => next[name][j] ?? SPARE[i]);
  });
  next.neurons = count;
  return { state: next, note };
}

export default lab({
  name: "three_lenses",
  worker,
  runs: (state) => {
    const { step_size, timescale_ratio } = state;
    return [{ slot: "run", engine: "three_lenses", parameters: { problem: PROBLEM, start: startPoint(state), step_size, timescale_ratio, steps: savedSteps(state) } }];
  },
  times: savedTimes,
  tidy,
  clock: (time, { state }) => (state.timescale_ratio === 1 ? `time ${words(time)}` : `time ${words(time)}, slow ${words(time * state.timescale_ratio)}`),
  panels: [networkPanel, dialPanel, manifoldPanel, anglesPanel, sizesPanel, levelsPanel, curvaturePanel],
  summary,
  remark: () => "Drag a start around the circle, or the scale at the left edge of the sizes; the cursor below moves through all three lenses at once.",
  table,
});
