/** The escape clock: push a network off a saddle, predict when it has left, and count. */

import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:relu_descent";
import { clockPanel, dialPanel, distancePanel, networkPanel } from "./parts/escape_panels.js";
import { clock, counted, LONGEST, runSteps } from "./parts/escape_view.js";
import { tidySaddle } from "./parts/saddles.js";

/** @import {Frame, State, TableData} from "../shell/types" */

const RADIUS = 0.05;

/** @param {State} state @param {string[]} _changed @param {State} before */
export function tidy(state, _changed, before) {
  const next = { ...state };
  const clamped = Math.min(4, Math.max(1, next.level));
  const outside = clamped !== next.level ? "This lab pushes off saddles with 1 to 4 kinks." : "";
  next.level = clamped;
  const note = tidySaddle(next, before, 2);
  return { state: next, note: [outside, note].filter(Boolean).join(" ") };
}

/** @param {Frame} frame */
export function summary(frame) {
  const { overlap, smallest, predicted } = clock(frame.state);
  const { perturbation_size, step_size } = frame.state;
  const count = counted(frame);
  if (count === null) return "The run is being computed.";
  const push = `Pushed by ${words(perturbation_size)}, of which ${words(Math.abs(overlap), 2)} along the steepest way down (curvature ${words(smallest)}, step size ${words(step_size)})`;
  const promise = predicted < 1e7 ? `the clock predicts ${words(Math.round(predicted), 7)} steps` : "the clock says never";
  if (count < 0) return `${push}: ${promise}, and after ${words(Math.min(runSteps(frame.state), LONGEST), 6)} steps the run is still inside.`;
  const off = predicted < 1e7 ? `, ${words((100 * Math.abs(predicted - count)) / count, 2)} % apart` : "";
  return `${push}: ${promise}, the count is ${words(count, 6)}${off}.`;
}

/** @param {Frame} frame @returns {TableData} */
export function table(frame) {
  const columns = ["step", "distance", "by the clock", "loss", "gradient"];
  const run = frame.runs.escape;
  if (!run) return { columns, rows: [] };
  const { overlap, factor } = clock(frame.state);
  const { distance, gradient_norm } = run.arrays;
  const rows = Array.from(run.times, (step, k) => [step, distance.data[k], Math.min(RADIUS, Math.abs(overlap) * factor ** step), run.losses?.[k] ?? Number.NaN, gradient_norm.data[k]]);
  return { columns, rows };
}

export default lab({
  name: "escape_clock",
  worker,
  runs: (state) => {
    const { problem, point, start } = clock(state);
    return [{ slot: "escape", engine: "relu_descent", parameters: { problem, start, point, radius: RADIUS, step_size: state.step_size, steps: clock(state).steps } }];
  },
  times: (state) => clock(state).steps,
  tidy,
  clock: (time) => `step ${words(time, 6)}`,
  panels: [distancePanel, clockPanel, dialPanel, networkPanel],
  summary,
  remark: () => "Drag the size of the push or its direction on the dial. Guess the count before you look.",
  table,
});
