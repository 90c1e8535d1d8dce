/** The atlas: any saddle of a small network, its zig-zag, its eigenvalues, and what is left of it when dragged. */

import { saddle } from "../engines/zigzag.js";
import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:relu_descent";
import { functionPanel, residualPanel, weightsPanel } from "./parts/atlas_panels.js";
import { lossPanel, spectrumPanel } from "./parts/atlas_curves.js";
import { summary, table } from "./parts/atlas_words.js";
import { evenSteps, flat, problemOf, tidySaddle } from "./parts/saddles.js";

/** @import {State} from "../shell/types" */

const MOMENTS = 121;
const LISTS = ["inner_weights", "biases", "outer_weights"];
const SPARE = [1, -2, 0]; // w, b, v of a neuron that a list typed in adds

/** @param {State} state @param {string[]} changed @param {State} before */
export function tidy(state, changed, before) {
  const next = { ...state };
  const notes = [tidySaddle(next, before)];
  const typed = LISTS.find((name) => changed.includes(name));
  if (next.level > next.n_neurons && !typed) {
    if (changed.includes("n_neurons") && !changed.includes("level")) next.level = next.activation === "relu" ? 2 * Math.floor(next.n_neurons / 2) : next.n_neurons;
    else next.n_neurons = next.level;
  }
  const asked = ["activation", "leak", "level", "first", "n_neurons"].some((name) => next[name] !== before[name]);
  if (typed || changed.includes("output_bias")) {
    const count = next[typed ?? "biases"].length;
    if (LISTS.some((name) => next[name].length !== count)) notes.push(`Every neuron has two weights and a bias: all lists now have ${count}.`);
    LISTS.forEach((name, i) => {
      next[name] = Array.from({ length: count }, (_, j) => next[name][j] ?? SPARE[i]);
    });
    next.n_neurons = count;
  } else if (asked) Object.assign(next, saddleWeights(next));
  return { state: next, note: notes.filter(Boolean).join(" ") };
}

/** The weights of the saddle asked for. @param {State} state */
function saddleWeights(state) {
  const n = state.n_neurons;
  const point = Array.from(saddle(problemOf(state), state.level, { first: state.first, neurons: n }));
  const plain = point.map((value) => value + 0); // no negative zeros
  return { inner_weights: plain.slice(0, n), biases: plain.slice(n, 2 * n), outer_weights: plain.slice(2 * n, 3 * n), output_bias: plain[3 * n] };
}

/** @param {State} state */
function steps(state) {
  return evenSteps(state.n_steps, MOMENTS);
}

export default lab({
  name: "atlas",
  worker,
  runs: (state) => {
    const start = flat(state.inner_weights, state.biases, state.outer_weights, state.output_bias);
    return [{ slot: "descent", engine: "relu_descent", parameters: { problem: problemOf(state), start, step_size: state.step_size, steps: steps(state) } }];
  },
  times: steps,
  tidy,
  clock: (time) => `step ${words(time, 6)}`,
  panels: [functionPanel, residualPanel, weightsPanel, spectrumPanel, lossPanel],
  summary,
  remark: () => "Drag a kink ▲, a weight, or the output bias at the left edge: each snaps where the saddle has it. Play lets gradient descent go.",
  table,
});
