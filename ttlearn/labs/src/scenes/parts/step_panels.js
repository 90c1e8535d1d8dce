/** The two-timescale lab: network against target, and the neurons' ways. */

import { network } from "../../engines/step_network.js";
import { list, words } from "../../shell/format.js";
import { column, covered, gridFor, momentAt, row, stairs } from "./steps.js";

/** @import {Frame, PanelDefinition} from "../../shell/types" */
/** @import {Plot} from "../../shell/plot.js" */
/** @import {Trajectory} from "../../engines/types" */
/** @typedef {"ordinary" | "slow"} Side */

export const COLOUR = { ordinary: "other", slow: "network" };

/**
 * The run a side shows: in the limit mode the right side is the limit itself.
 * @param {Frame} frame
 * @param {Side} side
 * @returns {Trajectory | undefined}
 */
export function shownRun(frame, side) {
  return frame.runs[side === "slow" && frame.state.mode === "limit" ? "limit" : side];
}

/** @param {Frame} frame @param {Side} side */
export function sideName(frame, side) {
  const { mode, ordinary_ratio, timescale_ratio } = frame.state;
  if (side === "slow" && mode === "limit") return "The two-timescale limit";
  const ratio = side === "ordinary" ? ordinary_ratio : timescale_ratio;
  return ratio === 1 ? "Equal speeds (ratio 1)" : `Ratio ${words(ratio)}`;
}

/**
 * What a side shows at this moment.
 * @param {Frame} frame
 * @param {Side} side
 */
export function sideNow(frame, side) {
  const run = shownRun(frame, side);
  if (!run || run.times.length === 0) return null;
  const { jumps, values, mode, activation_width } = frame.state;
  const index = momentAt(run.times, frame.time);
  const positions = row(run, "positions", index);
  const outerWeights = row(run, "outer_weights", index);
  const width = side === "slow" && mode === "limit" ? 0 : activation_width;
  const hit = covered(positions, outerWeights, jumps, values, width);
  const missed = jumps.filter((/** @type {number} */ _, /** @type {number} */ i) => !hit[i]);
  const end = run.times[run.times.length - 1];
  const early = end < frame.time * (1 - 1e-9); // fewer steps than asked for, still under way, or diverged
  const time = Math.max(early ? end : frame.time, frame.times[1]);
  return { run, index, positions, outerWeights, width, missed, time, early, loss: run.losses?.[index] ?? Number.NaN };
}

/** @param {number[]} values @returns {[number, number]} */
function levels(values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return [Math.floor(low - 0.7), Math.ceil(high + 0.7)];
}

/** @param {Side} side @returns {PanelDefinition} */
export function networkPanel(side) {
  return {
    name: `network-${side}`,
    label: side === "ordinary" ? "Network and target, left ratio" : "Network and target, right ratio",
    height: 230,
    title(frame) {
      const now = sideNow(frame, side);
      const count = frame.state.jumps.length;
      if (!now) return `${sideName(frame, side)}: training…`;
      return `${sideName(frame, side)}: ${count - now.missed.length} of ${count} jumps covered${now.early ? ` by slow time ${words(now.time, 2)}` : ""}`;
    },
    draw(plot, frame) {
      const { jumps, values } = frame.state;
      plot.frame({ x: { domain: [0, 1], label: "x" }, y: { domain: levels(values), ticks: 5 }, margin: { top: 22 } });
      const target = stairs(jumps, values);
      plot.curve("target", target.xs, target.ys, "ttl-target ttl-broad");
      const now = sideNow(frame, side);
      if (now) drawNetwork(plot, side, now);
      targetHandles(plot, frame, side);
      neuronHandles(plot, frame, side);
      legend(plot, [["target", "ttl-fill-target"], ["network", `ttl-fill-${COLOUR[side]}`], ["▲ start of a neuron", `ttl-fill-${COLOUR[side]}`]]);
    },
  };
}

/**
 * @param {Plot} plot
 * @param {Side} side
 * @param {NonNullable<ReturnType<typeof sideNow>>} now
 */
function drawNetwork(plot, side, { positions, outerWeights, width, missed }) {
  const xs = gridFor(positions, width);
  const value = (/** @type {number} */ x) => network(x, positions, outerWeights, width);
  plot.curve("network", xs, xs.map(value), `ttl-${COLOUR[side]}`);
  const [low] = plot.y.domain();
  positions.forEach((position, j) => {
    if (position < 0 || position > 1) return;
    plot.dot(`neuron ${j}`, position, value(position), 3.2, `ttl-fill-page ttl-${COLOUR[side]}`);
  });
  const room = Math.min(...missed.slice(1).map((/** @type {number} */ jump, /** @type {number} */ i) => plot.x(jump) - plot.x(missed[i])), Number.POSITIVE_INFINITY);
  for (const jump of missed) {
    plot.segment(`missed ${jump}`, [jump, low], [jump, plot.y.domain()[1]], "ttl-rule ttl-target ttl-dots");
    plot.label(`missed label ${jump}`, jump, plot.y.domain()[1], room > 48 ? "missed" : "✕", { className: "ttl-fill-target", anchor: "middle", dy: 10 });
  }
}

/** @param {Plot} plot @param {Frame} frame @param {Side} side */
function targetHandles(plot, frame, side) {
  const { jumps, values } = frame.state;
  jumps.forEach((/** @type {number} */ jump, /** @type {number} */ i) => {
    const low = (jumps[i - 1] ?? 0) + 0.02;
    const high = (jumps[i + 1] ?? 1) - 0.02;
    plot.handles.place(`jumps ${side}`, `${i}`, {
      x: jump, y: (values[i] + values[i + 1]) / 2, axis: "x", low, high, step: 0.01, shape: "bar", className: "ttl-handle-target",
      label: `Jump ${i + 1} of the target, Up and Down for the next one`, text: `at ${words(jump)}`,
      move: (x) => frame.set({ jumps: jumps.with(i, x) }),
    });
  });
  values.forEach((/** @type {number} */ value, /** @type {number} */ i) => {
    const middle = ((jumps[i - 1] ?? 0) + (jumps[i] ?? 1)) / 2;
    plot.handles.place(`levels ${side}`, `${i}`, {
      x: middle, y: value, axis: "y", low: -8, high: 8, step: 0.1, shape: "level", className: "ttl-handle-target",
      label: `Level ${i + 1} of the target, Left and Right for the next one`, text: words(value),
      move: (_, y) => frame.set({ values: values.with(i, y) }),
    });
  });
}

/**
 * Names in their colours, above the plot.
 * @param {Plot} plot
 * @param {string[][]} entries text and class
 */
function legend(plot, entries) {
  const [start] = plot.x.domain();
  let dx = 0;
  for (const [text, className] of entries) {
    plot.label(`legend ${text}`, start, plot.y.domain()[1], text, { className, dx, dy: -8 });
    dx += 6.2 * text.length + 14;
  }
}

/** Where the neurons start: marks under the axis. @param {Plot} plot @param {Frame} frame @param {Side} side */
function neuronHandles(plot, frame, side) {
  const { positions } = frame.state;
  const [low] = plot.y.domain();
  positions.forEach((/** @type {number} */ position, /** @type {number} */ j) => {
    plot.handles.place(`neurons ${side}`, `${j}`, {
      x: Math.min(1, Math.max(0, position)), y: low, dy: -7, axis: "x", low: 0, high: 1, step: 0.005, shape: "up", className: `ttl-handle-${COLOUR[side]}`,
      label: `Start of neuron ${j + 1}, Up and Down for the next one`, text: `at ${words(position)}`,
      move: (x) => frame.set({ positions: positions.with(j, x) }),
    });
  });
}

/** @param {Side} side @returns {PanelDefinition} */
export function positionsPanel(side) {
  return {
    name: `positions-${side}`,
    label: side === "ordinary" ? "Neuron positions over slow time, left ratio" : "Neuron positions over slow time, right ratio",
    height: 230,
    title(frame) {
      const now = sideNow(frame, side);
      if (!now) return "Neurons over slow time";
      const reach = Math.max(2 * now.width, 1e-9);
      const empty = frame.state.jumps.filter((/** @type {number} */ jump) => !now.positions.some((/** @type {number} */ at) => Math.abs(at - jump) <= reach));
      if (empty.length) return `No neuron at ${list(empty.map((/** @type {number} */ jump) => words(jump)))}`;
      return `A neuron at every jump; the longest walk is ${words(movedMost(now.run, now.index), 2)}`;
    },
    draw(plot, frame) {
      const run = shownRun(frame, side);
      const { jumps } = frame.state;
      plot.frame({ x: timeAxis(frame), y: { domain: [-0.02, 1.02], values: [0, 0.2, 0.4, 0.6, 0.8, 1] }, margin: { top: 22 } });
      const withLimit = side === "slow" && frame.state.mode !== "limit";
      legend(plot, [["neurons", `ttl-fill-${COLOUR[side]}`], ["jumps", "ttl-fill-target"], ...(withLimit ? [["dashed: limit, ○ hits", "ttl-fill-limit"]] : [])]);
      for (const jump of jumps) plot.rule(`jump ${jump}`, { y: jump }, "ttl-target ttl-broad");
      plot.rule("now", { x: shownTime(frame) }, "ttl-now");
      if (run) positionCurves(plot, run, "run", `ttl-${COLOUR[side]} ttl-thin`);
      if (withLimit && frame.runs.limit) positionCurves(plot, frame.runs.limit, "limit", "ttl-limit ttl-dash ttl-thin");
      if (side === "slow") hits(plot, frame);
      const now = sideNow(frame, side);
      now?.positions.forEach((position, j) => {
        if (position > -0.02 && position < 1.02) plot.dot(`at ${j}`, now.time, position, 2.6, `ttl-fill-${COLOUR[side]}`);
      });
    },
  };
}

/** @param {Plot} plot @param {Trajectory} run @param {string} key @param {string} className */
function positionCurves(plot, run, key, className) {
  const count = run.arrays.positions.shape[1];
  for (let j = 0; j < count; j++) plot.curve(`${key} ${j}`, run.times, column(run, "positions", j), className);
}

/** The limit's hitting times. @param {Plot} plot @param {Frame} frame */
function hits(plot, frame) {
  const [low, high] = plot.x.domain();
  for (const event of frame.runs.limit?.events ?? []) {
    if (event.kind !== "hit" || event.time < low || event.time > high) continue;
    plot.dot(`hit ${event.neuron}`, event.time, Number(event.position), 4.5, "ttl-fill-page ttl-limit");
  }
}

/** @param {Trajectory} run @param {number} index */
function movedMost(run, index) {
  const start = row(run, "positions", 0);
  return Math.max(...row(run, "positions", index).map((at, j) => Math.abs(at - start[j])));
}

/** @param {Frame} frame @returns {import("../../shell/plot.js").AxisOptions} */
export function timeAxis(frame) {
  return { domain: [frame.times[1], frame.times[frame.times.length - 1]], log: true, label: "slow time (ratio × time)" };
}

/** @param {Frame} frame */
export function shownTime(frame) {
  return Math.max(frame.time, frame.times[1]);
}
