/** The phase diagram: colours by JAX; choose a cell, see its runs, and one of them runs live. */

import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:two_timescale_flow,two_timescale_limit";
import { drawLevels, mapPanel, runsPanel } from "./parts/phase_panels.js";
import { bound, cellName, cellOf, countWords, lossesOf, lossRange, startOf, successes } from "./parts/phase_table.js";
import { positionsPanel, shownTime, timeAxis } from "./parts/step_panels.js";
import { logTimes } from "./parts/steps.js";

/** @import {Bank, Frame, PanelDefinition, RunRequest, State, TableData} from "../shell/types" */

const MOMENTS = 97; // no more than a table on the page shows
const FIRST_TIME = 1e-4;
const SAME = 0.02; // of the table's loss: more is another ending, not another integrator

/** @param {State} state @param {Bank} bank */
function horizon({ timescale_ratio }, { header }) {
  return timescale_ratio ? header.horizon : header.limit_horizon;
}

/** @param {number} end */
const savedTimes = (end) => logTimes(end, Math.log10(end / FIRST_TIME), MOMENTS);

/** @param {State} state @param {Bank | null} bank @returns {RunRequest[]} */
export function runs(state, bank) {
  if (!bank) return [];
  const { jumps, values, activation_width } = bank.header;
  const positions = startOf(bank, state.run, state.neurons);
  const common = { jumps, values, positions, times: savedTimes(horizon(state, bank)) };
  if (!state.timescale_ratio) return [{ slot: "run", engine: "two_timescale_limit", parameters: common }];
  return [{ slot: "run", engine: "two_timescale_flow", parameters: { ...common, activation_width, timescale_ratio: state.timescale_ratio } }];
}

/** The frame as the panels of the two-timescale lab read it. @param {Frame} frame @returns {Frame} */
function asTraining(frame) {
  const { jumps = [], values = [0], activation_width = 0 } = frame.bank?.header ?? {};
  const { timescale_ratio } = frame.state;
  const width = timescale_ratio ? activation_width : 0;
  const state = { jumps, values, activation_width: width, mode: "flow", ordinary_ratio: timescale_ratio, timescale_ratio };
  return { ...frame, state, runs: frame.runs.run ? { ordinary: frame.runs.run } : {} };
}

/** Is the run drawn the one asked for, or still the one before? @param {Frame} frame */
function arrived({ runs, bank, state }) {
  const { run } = runs;
  if (!run || !bank || (run.meta.timescale_ratio ?? 0) !== state.timescale_ratio) return false;
  const start = startOf(bank, state.run, state.neurons);
  return run.arrays.positions.shape[1] === start.length && start.every((at, j) => at === run.arrays.positions.data[j]);
}

/** How the live run ends, and how the table's did; null while it is on its way. @param {Frame} frame */
function ends(frame) {
  const { runs, bank, state } = frame;
  const cell = cellOf(state, bank);
  const losses = runs.run?.losses;
  if (!bank || !cell || !losses?.length || !arrived(frame)) return null;
  const [live, table] = [losses[losses.length - 1], lossesOf(bank, cell)[state.run]];
  return { live, table, same: Math.abs(live - table) <= SAME * table + bank.header.limit_success, success: live < bound(bank, cell) };
}

const positions = positionsPanel("ordinary");

/** @type {PanelDefinition} */
const livePanel = {
  ...positions,
  label: "Neuron positions over slow time, live run",
  title: (frame) => (arrived(frame) ? `Run ${frame.state.run}, live. ${positions.title(asTraining(frame))}` : "Neurons over slow time"),
  draw: (plot, frame) => positions.draw(plot, asTraining(frame)),
};

/** @type {PanelDefinition} */
const lossPanel = {
  name: "loss",
  label: "Loss of the live run over slow time",
  height: 230,
  title(frame) {
    const end = ends(frame);
    if (!end) return "Loss of the live run";
    return `${end.success ? "Success" : "Failure"}: the loss ends at ${words(end.live)}${end.same ? ", as in the table" : `; in the table at ${words(end.table)}`}`;
  },
  draw(plot, frame) {
    const { bank, runs } = frame;
    const cell = cellOf(frame.state, bank);
    if (!bank || !cell) return plot.frame({ x: { domain: [0, 1], values: [] }, y: { domain: [0, 1], values: [] } });
    const [low, high] = lossRange(bank);
    const losses = runs.run?.losses;
    plot.frame({ x: timeAxis(frame), y: { domain: [low, Math.max(high, 1.3 * (losses?.[0] ?? 0))], log: true, label: "loss" }, margin: { right: 44 } });
    drawLevels(plot, bank, cell);
    plot.rule("now", { x: shownTime(frame) }, "ttl-now");
    if (!losses || !runs.run) return;
    const shown = (/** @type {number} */ loss) => Math.max(loss, 1.12 * low);
    const end = lossesOf(bank, cell)[frame.state.run];
    plot.curve("run", runs.run.times, losses.map(shown), "ttl-other ttl-thick");
    plot.dot("table", plot.x.domain()[1], shown(end), 6, "ttl-fill-page ttl-ink");
    plot.label("table name", plot.x.domain()[1], shown(end), "table", { anchor: "end", dx: -10, dy: -8 });
    plot.dot("run now", shownTime(frame), shown(losses[Math.min(frame.index, losses.length - 1)]), 4.5, "ttl-fill-other");
  },
};

/** @param {Frame} frame */
export function summary(frame) {
  const { bank, state, runs, index, time } = frame;
  const cell = cellOf(state, bank);
  if (!bank || !cell) return "The table is being unpacked.";
  const name = cellName(bank, cell);
  const what = `${name[0].toUpperCase()}${name.slice(1)}: ${countWords(successes(bank, cell), bank.header.seeds)}.`;
  const end = ends(frame);
  const losses = runs.run?.losses;
  if (!end || !losses) return `${what} Run ${state.run} is being computed.`;
  const said = end.same ? "as in the table" : `in the table ${words(end.table)} (here the small errors of an integrator grow)`;
  const close = `loss ${words(end.live)} at slow time ${words(horizon(state, bank))}, ${said}`;
  const verdict = end.success ? "success" : "failure";
  if (index >= losses.length - 1) return `${what} Run ${state.run}, live: ${verdict}, ${close}.`;
  return `${what} Run ${state.run}, live: loss ${words(losses[index])} at slow time ${words(time)}; in the end ${verdict}, ${close}.`;
}

/** The cell's runs in the first columns, the live run's moments in the others. @param {Frame} frame @returns {TableData} */
export function table({ bank, state, runs, times }) {
  const columns = ["run", "loss at the end, table", "slow time", "loss, live", ...Array.from({ length: state.neurons }, (_, j) => `position ${j + 1}, live`)];
  const cell = cellOf(state, bank);
  if (!bank || !cell) return { columns, rows: [] };
  const ending = lossesOf(bank, cell);
  const live = runs.run?.arrays.positions;
  const fits = live?.shape[1] === state.neurons;
  const rows = Array.from({ length: Math.max(ending.length, times.length) }, (_, k) => [
    ...(k < ending.length ? [k, ending[k]] : ["", ""]),
    ...(k < times.length ? [times[k], runs.run?.losses?.[k] ?? ""] : ["", ""]),
    ...Array.from({ length: state.neurons }, (_, j) => (fits && live ? (live.data[k * state.neurons + j] ?? "") : "")),
  ]);
  return { columns, rows };
}

export default lab({
  name: "phase",
  worker,
  runs,
  times: (_, { run }) => run?.times ?? savedTimes(1),
  clock: (time) => `slow time ${words(time)}`,
  panels: [mapPanel, runsPanel, livePanel, lossPanel],
  summary,
  remark: () => "Point at a cell of the map to see its runs; click to stay there. Then click on a run: it starts again, live. Filled: success. Hollow: failure.",
  table,
});
