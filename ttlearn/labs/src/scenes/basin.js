/** Where one neuron ends, from every start of a slice: colours by JAX, the run live. */

import { neuron_types, make_problem } from "../engines/relu_network.js";
import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:relu_descent";
import { drawFunction, evenSteps, neuronWords } from "./parts/saddles.js";
import { column, row } from "./parts/steps.js";

/** @import {Frame, PanelDefinition, State, TableData} from "../shell/types" */
/** @import {Plot} from "../shell/plot.js" */

const STEPS = evenSteps(4000, 161);
const PLATEAU = 1 / 12;
const FLOOR = 1e-10;
/** @type {Record<string, {outer: number, leak: number}>} */
const CASES = { up: { outer: 0.5, leak: 0 }, down: { outer: -0.5, leak: 0 }, leaky: { outer: 0.5, leak: 0.1 } };
/** @type {Record<string, string>} */
const PAINT = { global: "network", dead: "target", "nearly dead": "floor", moving: "limit", diverged: "ink" };
const SAID = /** @type {Record<string, string>} */ ({ global: "the line", dead: "dead", "nearly dead": "nearly dead", moving: "still moving", diverged: "diverged" });

/** @param {State} state */
function problemOf(state) {
  return make_problem({ leak: CASES[state.case].leak });
}

/** @param {State} state */
function start(state) {
  return [state.inner_weight, state.bias, CASES[state.case].outer, 0.5];
}

/** @param {Frame} frame */
function now(frame) {
  const run = frame.runs.run;
  return run ? row(run, "parameters", Math.min(frame.index, run.times.length - 1)) : start(frame.state);
}

/** Name of the run's ending, as ttlearn.saddles judges it; "" without a run. @param {Frame} frame */
export function ending(frame) {
  const run = frame.runs.run;
  if (!run?.losses) return "";
  if (run.note) return "diverged";
  const last = run.times.length - 1;
  const [w, b] = row(run, "parameters", last);
  const loss = run.losses[last] / PLATEAU;
  const reach = Math.max(b, w + b);
  if (loss < 1e-5) return "global";
  if (Math.abs(loss - 1) < 1e-3 && reach <= 0) return "dead";
  return Math.abs(loss - 1) < 1e-3 && reach < 1e-3 ? "nearly dead" : "moving";
}

/** Shares of the endings in the slice. @param {Frame} frame */
function shares(frame) {
  const slice = frame.bank?.arrays[frame.state.case];
  if (!slice || !frame.bank) return [];
  const names = /** @type {string[]} */ (frame.bank.header.endings);
  return names.map((name, code) => ({ name, share: slice.data.reduce((sum, value) => sum + Number(Math.round(value) === code), 0) / slice.data.length })).filter(({ share }) => share > 0);
}

/** @param {number} share */
const percent = (share) => `${words(100 * share, 2)} %`;

/** Boxes of equal colour, row by row. @param {Plot} plot @param {Frame} frame */
function paint(plot, frame) {
  const slice = frame.bank?.arrays[frame.state.case];
  if (!slice || !frame.bank) return;
  const [rows, columns] = slice.shape;
  const cell = 4 / (columns - 1);
  const edge = (/** @type {number} */ i) => Math.max(-2, Math.min(2, -2 + (i - 0.5) * cell));
  for (let i = 0; i < rows; i++)
    for (let j = 0, from = 0; j < columns; j++) {
      const code = Math.round(slice.data[i * columns + j]);
      if (j + 1 < columns && Math.round(slice.data[i * columns + j + 1]) === code) continue;
      const name = frame.bank.header.endings[code];
      plot.box(`cell ${i} ${from}`, [edge(from), edge(j + 1)], [edge(i), edge(i + 1)], `ttl-fill-${PAINT[name]} ttl-basin`);
      from = j + 1;
    }
}

/** A click anywhere in the slice starts a run there. @type {WeakMap<Plot, Frame>} */
const latest = new WeakMap();

/** @param {Plot} plot @param {Frame} frame */
function listen(plot, frame) {
  const known = latest.has(plot);
  latest.set(plot, frame);
  if (known) return;
  plot.svg.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const box = plot.svg.getBoundingClientRect();
    const [w, b] = [plot.x.invert(event.clientX - box.left), plot.y.invert(event.clientY - box.top)];
    const onHandle = event.target instanceof Element && event.target.closest(".ttl-handle");
    if (onHandle || Math.max(Math.abs(w), Math.abs(b)) > 2) return;
    latest.get(plot)?.set({ inner_weight: Number(w.toFixed(2)), bias: Number(b.toFixed(2)) });
  });
}

/** @type {PanelDefinition} */
const slicePanel = {
  name: "slice",
  label: "Endings over inner weight and bias of the start, with the run",
  height: 380,
  title(frame) {
    const global = shares(frame).find(({ name }) => name === "global")?.share ?? 0;
    return `${percent(global)} of all starts reach the line`;
  },
  draw(plot, frame) {
    plot.frame({ x: { domain: [-2, 2], label: "inner weight w at the start", values: [-2, -1, 0, 1, 2] }, y: { domain: [-2, 2], label: "bias b at the start", values: [-2, -1, 0, 1, 2] } });
    paint(plot, frame);
    listen(plot, frame);
    plot.segment("kink at 0", [-2, 0], [2, 0], "ttl-rule ttl-ink ttl-dots");
    plot.segment("kink at 1", [-2, 2], [2, -2], "ttl-rule ttl-ink ttl-dots");
    plot.label("dead name", -1.1, -1, "dead from the start", { anchor: "middle" });
    plot.label("kink name", -1.2, 0.62, "kink inside", { anchor: "middle" });
    plot.label("kink name right", 1.3, -0.62, "kink inside", { anchor: "middle" });
    plot.label("affine name", 0.9, 1.2, "a straight line", { anchor: "middle" });
    const run = frame.runs.run;
    if (run) plot.curve("path", column(run, "parameters", 0), column(run, "parameters", 1), "ttl-other ttl-thick");
    const [w, b] = now(frame);
    if (Math.max(Math.abs(w), Math.abs(b)) <= 2) plot.dot("now", w, b, 5, "ttl-fill-page ttl-other");
    const { inner_weight, bias } = frame.state;
    plot.handles.place("start", "start", {
      x: inner_weight, y: bias, axis: "xy", low: -2, high: 2, step: 0.04, className: "ttl-handle-other",
      label: "Start, four arrow keys", text: `inner weight ${words(inner_weight)}, bias ${words(bias)}`, move: (x, y) => frame.set({ inner_weight: x, bias: y }),
    });
  },
};

/** @type {PanelDefinition} */
const functionPanel = {
  name: "function",
  label: "The network and the target",
  height: 380,
  title(frame) {
    const [neuron] = neuron_types(problemOf(frame.state), now(frame), 1e-9);
    return `Step ${words(frame.time)}: the neuron is ${neuronWords(neuron)}`;
  },
  draw(plot, frame) {
    drawFunction(plot, problemOf(frame.state), now(frame));
  },
};

/** @type {PanelDefinition} */
const lossPanel = {
  name: "loss",
  label: "Loss of the run over steps",
  wide: true,
  height: 190,
  title(frame) {
    const run = frame.runs.run;
    if (!run?.losses) return "Loss of the run";
    return `The loss of this run ends at ${words(run.losses[run.times.length - 1])}`;
  },
  draw(plot, frame) {
    const run = frame.runs.run;
    const top = Math.max(1, 2 * (run?.losses?.[0] ?? 0));
    plot.frame({ x: { domain: [0, 4000], label: `steps of size ${words(frame.state.step_size)}` }, y: { domain: [FLOOR, top], log: true, label: "loss" } });
    plot.rule("plateau", { y: PLATEAU }, "ttl-limit ttl-dash");
    plot.label("plateau name", 4000, PLATEAU, "best constant, 1/12", { className: "ttl-fill-limit", anchor: "end", dx: -4, dy: 14 });
    plot.rule("now", { x: frame.time }, "ttl-now");
    if (!run?.losses) return;
    plot.curve("loss", run.times, run.losses.map((loss) => Math.max(FLOOR, loss)), "ttl-other");
    plot.dot("loss now", run.times[Math.min(frame.index, run.times.length - 1)], Math.max(FLOOR, run.losses[Math.min(frame.index, run.times.length - 1)]), 5, "ttl-fill-other");
  },
};

/** @param {Frame} frame */
export function summary(frame) {
  const { inner_weight, bias, step_size } = frame.state;
  const name = ending(frame);
  if (!name) return "The run is being computed.";
  const run = frame.runs.run;
  const said = name === "global" ? "reaches the line" : name === "moving" ? "is still moving" : name === "diverged" ? "diverges" : `ends ${name}`;
  const all = shares(frame).map(({ name: other, share }) => `${percent(share)} ${SAID[other]}`).join(", ");
  return `From w = ${words(inner_weight)}, b = ${words(bias)} with step size ${words(step_size)} the neuron ${said}; loss ${words(run.losses?.[Math.min(frame.index, run.times.length - 1)] ?? 0)} at step ${words(frame.time)}. All starts of the slice at step size 0.1: ${all}.`;
}

/** @param {Frame} frame @returns {TableData} */
export function table(frame) {
  const columns = ["step", "w", "b", "v", "c", "loss", "gradient"];
  const run = frame.runs.run;
  if (!run) return { columns, rows: [] };
  const rows = Array.from(run.times, (step, k) => [step, ...row(run, "parameters", k), run.losses?.[k] ?? Number.NaN, run.arrays.gradient_norm.data[k]]);
  return { columns, rows };
}

export default lab({
  name: "basin",
  worker,
  runs: (state) => [{ slot: "run", engine: "relu_descent", parameters: { problem: problemOf(state), start: start(state), step_size: state.step_size, steps: STEPS } }],
  times: () => STEPS,
  clock: (time) => `step ${words(time)}`,
  panels: [slicePanel, functionPanel, lossPanel],
  summary,
  remark: () => "Click on a start or drag the round mark. Blue: reaches the line. Orange: dead. Gold: nearly dead. Green: still moving.",
  table,
});
