/** Sharpness: descent with fixed steps finds the direction, gets too sharp for its steps, and is thrown out. */

import { critical_norm } from "../engines/directional_descent.js";
import { make_law } from "../engines/law.js";
import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:directional_descent,directional_flow";
import { lawName, lawWords, least, logAngle, once, power, values } from "./parts/directional.js";

/** @import {Plot} from "../shell/plot.js" */
/** @import {Frame, PanelDefinition, State, TableData} from "../shell/types" */
/** @import {Trajectory} from "../engines/types" */

const INTERVALS = 1000;
const SEEN = 0.01; // an angle above this after one below it: the direction was lost
const FOUND = -6; // decimal logarithm of an angle that counts as found

/** @param {State} state */
export function savedSteps({ most_steps }) {
  const stride = Math.ceil(most_steps / INTERVALS);
  const steps = [];
  for (let step = 0; step < most_steps; step += stride) steps.push(step);
  return [...steps, most_steps];
}

/** @param {Trajectory} run */
const angles = (run) => once(run, "log angle", () => values(run, "log_half_angle").map(logAngle));

/**
 * Step at which the sharpness first passes 2 / step_size once the direction is found, smallest angle
 * before the direction is lost, step of the loss; -1 where that does not happen.
 * @param {Trajectory} run
 * @param {number} edge
 */
export function story(run, edge) {
  const list = angles(run);
  const sharpness = values(run, "sharpness");
  let found = list.findIndex((angle) => angle < FOUND);
  if (found < 0) found = list.length;
  const crossed = sharpness.findIndex((value, i) => i >= found && value > edge);
  const lost = list.findIndex((angle, i) => i > found && angle > Math.log10(SEEN));
  let best = found < list.length ? found : list.length - 1;
  const until = lost < 0 ? list.length : lost;
  for (let i = 0; i < until; i++) if (list[i] < list[best]) best = i;
  return { crossed, lost, best };
}

/** @param {Plot} plot @param {State} state @param {any} y */
function frame(plot, state, y) {
  plot.frame({ x: { domain: [0, state.most_steps], label: "step", ticks: plot.width < 380 ? 3 : 5 }, y, margin: { left: 62, right: 26 } });
}

/** @param {Plot} plot @param {Frame} shown @param {Trajectory} run @param {ArrayLike<number>} list @param {string} colour */
function now(plot, { index, time }, run, list, colour) {
  plot.rule("now", { x: time }, "ttl-now");
  const value = list[Math.min(index, run.times.length - 1)];
  if (Number.isFinite(value)) plot.dot("dot", time, value, 4.5, `ttl-fill-${colour}`);
}

/** @type {PanelDefinition} */
const sharp = {
  name: "sharp",
  label: "Sharpness across the teacher against two over the step size",
  title({ state, runs }) {
    const run = runs.descent;
    if (!run) return "Sharpness";
    const { crossed } = story(run, 2 / state.step_size);
    if (crossed < 0) return `The sharpness stays below 2 ÷ step size = ${words(2 / state.step_size)} once the direction is found`;
    return `Progress sharpens: the sharpness passes 2 ÷ step size = ${words(2 / state.step_size)} at step ${words(run.times[crossed], 6)}`;
  },
  draw(plot, shown) {
    const { state, runs, set } = shown;
    const edge = 2 / state.step_size;
    const run = runs.descent;
    const list = run ? values(run, "sharpness") : new Float64Array();
    const top = Math.max(1.6 * edge, Math.min(2.5 * edge, -1.1 * least(list.map((x) => -x))));
    frame(plot, state, { domain: [0, Number.isFinite(top) ? top : 2 * edge], label: "sharpness", ticks: 5 });
    plot.rule("edge", { y: edge }, "ttl-limit ttl-dash");
    plot.label("edge name", state.most_steps, edge, "2 ÷ step size", { className: "ttl-fill-limit", anchor: "end", dx: -26, dy: 15 });
    if (run) {
      plot.curve("sharpness", run.times, list, "ttl-network");
      now(plot, shown, run, list, "network");
    }
    plot.handles.place("edge", "edge", {
      x: state.most_steps, y: edge, axis: "y", low: 0.5, high: 40, step: 0.02 * edge, shape: "level", className: "ttl-handle-limit", dx: -10,
      label: "Two over the step size", text: `${words(edge)}, step size ${words(state.step_size)}`, move: (_x, y) => set({ step_size: Number((2 / y).toPrecision(4)) }),
    });
  },
};

/** @type {PanelDefinition} */
const direction = {
  name: "direction",
  label: "Angle to the teacher, as a power of ten, by step",
  title({ state, runs }) {
    const run = runs.descent;
    if (!run) return "Angle";
    const { lost, best } = story(run, 2 / state.step_size);
    if (lost < 0) return `The angle reaches ${power(angles(run)[best])} at step ${words(run.times[best], 6)}`;
    return `The angle sinks to ${power(angles(run)[best])}, climbs back, and is visible at step ${words(run.times[lost], 6)}`;
  },
  draw(plot, shown) {
    const run = shown.runs.descent;
    const low = run ? Math.min(-2, 1.15 * least(angles(run))) : -2;
    frame(plot, shown.state, { domain: [low, -0.06 * low], label: "power of ten", ticks: 5 });
    if (!run) return;
    const flow = shown.runs.flow;
    if (flow) plot.curve("flow", run.times, angles(flow), "ttl-limit ttl-dash");
    plot.label("flow name", 0, low, "gradient flow", { className: "ttl-fill-limit", dx: 10, dy: -8 });
    plot.curve("angle", run.times, angles(run), "ttl-network");
    now(plot, shown, run, angles(run), "network");
  },
};

/** @type {PanelDefinition} */
const loss = {
  name: "loss",
  label: "Loss by step",
  title({ state, runs }) {
    const run = runs.descent;
    if (!run?.losses) return "Loss";
    const { lost } = story(run, 2 / state.step_size);
    if (lost < 0) return `The loss comes down to ${words(run.losses[run.losses.length - 1])}`;
    const most = -least(run.losses.subarray(lost).map((x) => -x));
    return `The catapult: the loss jumps from ${words(least(run.losses.subarray(0, lost)))} to ${words(most)}`;
  },
  draw(plot, shown) {
    const losses = shown.runs.descent?.losses;
    const logs = losses ? once(losses, "log", () => losses.map(Math.log10)) : new Float64Array();
    const [low, high] = losses ? [least(logs), -least(logs.map((x) => -x))] : [-2, 0];
    frame(plot, shown.state, { domain: [Math.floor(low), Math.max(0.3, high + 0.2)], label: "loss", ticks: 4, format: (/** @type {number} */ value) => words(10 ** value, 2) });
    if (!losses || !shown.runs.descent) return;
    plot.curve("loss", shown.runs.descent.times, logs, "ttl-target");
    now(plot, shown, shown.runs.descent, logs, "target");
  },
};

/** @type {PanelDefinition} */
const size = {
  name: "norm",
  label: "Norm of the vector by step, with the norm of the theory",
  title({ state }) {
    const critical = critical_norm(make_law(lawName(state)), state.step_size, state.depth);
    if (!Number.isFinite(critical)) return `At depth ${state.depth} no norm is too large for this step size`;
    if (critical === 0) return "At depth 2 these steps are too long at any norm";
    return `Beyond norm ${words(critical)} steps of ${words(state.step_size)} are too long (balanced layers)`;
  },
  draw(plot, shown) {
    const run = shown.runs.descent;
    const list = run ? values(run, "norm") : new Float64Array();
    const critical = critical_norm(make_law(lawName(shown.state)), shown.state.step_size, shown.state.depth);
    const top = run ? -1.15 * least(list.map((x) => -x)) : 1;
    frame(plot, shown.state, { domain: [0, top], label: "norm", ticks: 5 });
    if (critical < top) {
      plot.rule("critical", { y: critical }, "ttl-limit ttl-dash");
      plot.label("critical name", shown.state.most_steps, critical, "critical norm", { className: "ttl-fill-limit", anchor: "end", dx: -8, dy: -6 });
    }
    if (!run) return;
    plot.curve("norm", run.times, list, "ttl-network");
    now(plot, shown, run, list, "network");
  },
};

/** @param {Frame} frame */
export function summary({ state, runs, index, time }) {
  const run = runs.descent;
  if (!run?.losses) return "Descent is being computed.";
  const at = Math.min(index, run.times.length - 1);
  const edge = 2 / state.step_size;
  const { crossed, lost, best } = story(run, edge);
  const step = (/** @type {number} */ i) => words(run.times[i], 6);
  const here = `At step ${words(time, 6)} the loss is ${words(run.losses[at])}, the angle ${power(angles(run)[at])} rad and the sharpness ${words(values(run, "sharpness")[at])}`;
  const net = `depth ${state.depth}, step size ${words(state.step_size)}, ${lawWords(state)}`;
  if (crossed < 0) return `${here}; once the direction is found the sharpness stays below ${words(edge)} and the angle keeps falling (${net}).`;
  const end = lost < 0 ? `it has since climbed from ${power(angles(run)[best])}` : `after its best value ${power(angles(run)[best])} near step ${step(best)} it climbs back to 0.01 by step ${step(lost)}, then falls again`;
  return `${here}; the sharpness passes ${words(edge)} at step ${step(crossed)}, and the angle turns: ${end} (${net}).`;
}

/** @param {Frame} frame @returns {TableData} */
export function table({ runs }) {
  const columns = ["step", "loss", "sharpness", "norm", "log10 of angle", "log10 of the flow's angle"];
  const run = runs.descent;
  if (!run) return { columns, rows: [] };
  const rows = Array.from(run.times, (step, i) => [step, run.losses?.[i] ?? Number.NaN, values(run, "sharpness")[i], values(run, "norm")[i], angles(run)[i], runs.flow ? angles(runs.flow)[i] : Number.NaN]);
  return { columns, rows };
}

export default lab({
  name: "sharpness",
  worker,
  runs(state) {
    const { norm, angle, depth, step_size } = state;
    const common = { law: lawName(state), norm, angle, depth };
    const steps = savedSteps(state);
    return [
      { slot: "descent", engine: "directional_descent", parameters: { ...common, step_size, steps } },
      { slot: "flow", engine: "directional_flow", parameters: { ...common, times: steps.map((step) => step * step_size) } },
    ];
  },
  times: savedSteps,
  clock: (time) => `step ${words(time, 6)}`,
  panels: [sharp, direction, loss, size],
  summary,
  remark: () => "Drag the green level: a higher one means shorter steps. Above it every step makes the error across larger.",
  table,
});
