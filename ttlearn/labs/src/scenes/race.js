/** The race to a jump: two neurons, one jump, and the nearer one wins. */

import { hitting_time, state_at, stopping_distance } from "../engines/race.js";
import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:race";
import { column, stairs } from "./parts/steps.js";

/** @import {Frame, PanelDefinition, State, TableData} from "../shell/types" */

const MOMENTS = 161;
const CLOSEST = 0.001; // distance of a neuron from the jump or from an end

/** The two distances at the start, and what the formulas say. @param {State} state */
export function race(state) {
  const left = state.jump - state.positions[0];
  const right = state.positions[1] - state.jump;
  const rate = state.jump_size ** 2;
  const tie = Math.abs(left - right) < 1e-12; // what rounding of the places leaves
  return { left, right, rate, tie, time: hitting_time(left, right, rate), stop: stopping_distance(left, right), leftWins: left < right };
}

/** @param {State} state */
export function times(state) {
  const end = 1.25 * race(state).time;
  return Array.from({ length: MOMENTS }, (_, k) => (k * end) / (MOMENTS - 1));
}

/** Keep the jump between the neurons. @param {State} state @param {string[]} changed */
export function tidy(state, changed) {
  const { jump } = state;
  const [left, right] = state.positions;
  const next = [Math.max(CLOSEST, Math.min(left, jump - CLOSEST)), Math.min(1 - CLOSEST, Math.max(right, jump + CLOSEST))];
  const moved = next[0] !== left || next[1] !== right;
  const size = state.jump_size === 0 ? 0.1 : state.jump_size;
  const notes = [];
  if (moved && !changed.includes("jump")) notes.push("A neuron has to stay on its side of the jump.");
  if (size !== state.jump_size) notes.push("A jump of height 0 is no jump; it was set to 0.1.");
  return { state: { ...state, positions: next, jump_size: size }, note: notes.join(" ") };
}

/** @param {Frame} frame */
function now(frame) {
  const run = frame.runs.race;
  const { data } = run?.arrays.distances ?? {};
  if (!data || run.times.length <= frame.index) return null;
  return { run, left: data[2 * frame.index], right: data[2 * frame.index + 1], hit: run.events.find((event) => event.kind === "hit") };
}

/** @type {PanelDefinition} */
const track = {
  name: "track",
  label: "The jump and the two neurons",
  height: 220,
  wide: true,
  title(frame) {
    const { tie, leftWins, left, right } = race(frame.state);
    if (tie) return "A dead heat: both neurons arrive together";
    return `The ${leftWins ? "left" : "right"} neuron wins: it starts at ${words(Math.min(left, right))}, the other at ${words(Math.max(left, right))}`;
  },
  draw(plot, frame) {
    const { jump, jump_size, positions } = frame.state;
    const [low, high] = [Math.min(0, jump_size), Math.max(0, jump_size)];
    const pad = 0.3 * (high - low);
    plot.frame({ x: { domain: [0, 1], label: "x" }, y: { domain: [low - 1.4 * pad, high + pad], ticks: 4 } });
    const target = stairs([jump], [0, jump_size]);
    plot.curve("target", target.xs, target.ys, "ttl-target ttl-broad");
    const at = now(frame);
    if (at) drawNetwork(plot, frame.state, jump - at.left, jump + at.right);
    plot.handles.place("jump", "jump", {
      x: jump, y: jump_size / 2, axis: "x", low: 0.05, high: 0.95, step: 0.01, shape: "bar", className: "ttl-handle-target",
      label: "The jump", text: `at ${words(jump)}`, move: (x) => frame.set({ jump: x }),
    });
    positions.forEach((/** @type {number} */ position, /** @type {number} */ j) => {
      const [from, to] = j === 0 ? [CLOSEST, jump - CLOSEST] : [jump + CLOSEST, 1 - CLOSEST];
      plot.handles.place("neurons", `${j}`, {
        x: position, y: plot.y.domain()[0], dy: -7, axis: "x", low: from, high: to, step: 0.005, shape: "up", className: j === 0 ? "" : "ttl-handle-other",
        label: `Start of the ${j === 0 ? "left" : "right"} neuron, Up and Down for the other one`, text: `at ${words(position)}`,
        move: (x) => frame.set({ positions: positions.with(j, x) }),
      });
    });
  },
};

/**
 * The network with the best heights for its two positions: the mean of the target in each cell.
 * @param {import("../shell/plot.js").Plot} plot
 * @param {State} state
 * @param {number} left
 * @param {number} right
 */
function drawNetwork(plot, { jump, jump_size }, left, right) {
  const middle = right > left ? (jump_size * (right - jump)) / (right - left) : jump_size / 2;
  const shown = stairs([left, right], [0, middle, jump_size]);
  plot.curve("network", shown.xs, shown.ys, "ttl-network");
  plot.dot("left", left, middle / 2, 4, "ttl-fill-page ttl-network");
  plot.dot("right", right, (middle + jump_size) / 2, 4, "ttl-fill-page ttl-other");
}

/** @type {PanelDefinition} */
const gaps = {
  name: "gaps",
  label: "Distances to the jump over slow time",
  title(frame) {
    const { stop, tie, leftWins } = race(frame.state);
    return tie ? "Neither is left behind" : `The ${leftWins ? "right" : "left"} one stops at ${words(stop)} from the jump for ever`;
  },
  draw(plot, frame) {
    const { left, right, time, stop, tie } = race(frame.state);
    const end = frame.times[frame.times.length - 1];
    plot.frame({ x: { domain: [0, end], label: "slow time" }, y: { domain: [0, 1.08 * Math.max(left, right)], ticks: 5, label: "distance" } });
    if (!tie) plot.rule("stop", { y: stop }, "ttl-limit ttl-dash");
    plot.rule("hit", { x: time }, "ttl-limit ttl-dash");
    plot.rule("now", { x: frame.time }, "ttl-now");
    const at = now(frame);
    if (!at) return;
    plot.curve("left", at.run.times, column(at.run, "distances", 0), "ttl-network");
    plot.curve("right", at.run.times, column(at.run, "distances", 1), "ttl-other");
    plot.dot("left now", frame.time, at.left, 4.5, "ttl-fill-network");
    plot.dot("right now", frame.time, at.right, 4.5, "ttl-fill-other");
    plot.label("left name", 0, left, "left", { className: "ttl-fill-network", dx: 5, dy: left >= right ? -5 : 14 });
    plot.label("right name", 0, right, "right", { className: "ttl-fill-other", dx: 5, dy: right > left ? -5 : 14 });
  },
};

/** @type {PanelDefinition} */
const plane = {
  name: "plane",
  label: "Left distance against right distance",
  title(frame) {
    const { left, right } = race(frame.state);
    return `Cube of right minus cube of left stays ${words(cubes(left, right), 3)}`;
  },
  draw(plot, frame) {
    const { left, right, stop, leftWins } = race(frame.state);
    const high = 1.15 * Math.max(left, right);
    plot.frame({ x: { domain: [0, high], label: "left distance" }, y: { domain: [0, high], label: "right distance" } });
    plot.segment("tie", [0, 0], [high, high], "ttl-rule ttl-ink ttl-dots");
    plot.label("tie name", high, high, "dead heat", { anchor: "end", dx: -18, dy: 14 });
    const far = Array.from({ length: 60 }, (_, i) => Math.cbrt(stop ** 3 + ((i / 59) * high) ** 3));
    const near = far.map((_, i) => (i / 59) * high);
    plot.curve("cubic", leftWins ? near : far, leftWins ? far : near, "ttl-limit ttl-dash");
    const at = now(frame);
    if (at) {
      plot.curve("path", column(at.run, "distances", 0), column(at.run, "distances", 1), "ttl-network ttl-thick");
      plot.dot("now", at.left, at.right, 5, "ttl-fill-network");
    }
    const { jump } = frame.state;
    plot.handles.place("start", "start", {
      x: left, y: right, axis: "xy", low: CLOSEST, high: jump - CLOSEST, lowY: CLOSEST, highY: 1 - jump - CLOSEST, step: 0.005,
      label: "Start: left and right distance, four arrow keys", text: `${words(left)} left, ${words(right)} right`,
      move: (x, y) => frame.set({ positions: [jump - x, jump + y] }),
    });
  },
};

/** @type {PanelDefinition} */
const cusp = {
  name: "cusp",
  label: "Hitting time against where the jump lies between the neurons",
  wide: true,
  height: 190,
  title(frame) {
    const { left, right, rate, time } = race(frame.state);
    const tied = hitting_time((left + right) / 2, (left + right) / 2, rate);
    const saved = 100 * (1 - time / tied);
    return saved < 1e-9 ? "A dead heat takes longest" : `This head start cuts ${words(saved, 2)} % off the time of a dead heat`;
  },
  draw(plot, frame) {
    const { left, right, rate, time } = race(frame.state);
    const gap = left + right;
    // Fine near the middle, where the slope is infinite.
    const shares = Array.from({ length: 161 }, (_, i) => 0.5 + Math.sign(i - 80) * 0.499 * (Math.abs(i - 80) / 80) ** 3);
    const tied = hitting_time(gap / 2, gap / 2, rate);
    plot.frame({ x: { domain: [0, 1], label: "left distance ÷ gap between the neurons" }, y: { domain: [0, 1.1 * tied], ticks: 4, label: "hitting time" } });
    plot.curve("formula", shares, shares.map((share) => hitting_time(share * gap, (1 - share) * gap, rate)), "ttl-limit ttl-dash");
    const at = now(frame);
    plot.dot("formula now", left / gap, time, 7, "ttl-fill-page ttl-limit");
    if (at?.hit) plot.dot("simulated", left / gap, at.hit.time, 3.5, "ttl-fill-network");
    plot.label("formula name", left / gap, time, "formula ○ simulation ●", { anchor: left < right ? "start" : "end", dx: left < right ? 12 : -12, dy: 4 });
  },
};

/** @param {number} left @param {number} right */
function cubes(left, right) {
  return (right - left) * (left * left + left * right + right * right);
}

/** @param {Frame} frame */
export function summary(frame) {
  const { left, right, time, stop, tie, leftWins } = race(frame.state);
  const at = now(frame);
  if (!at) return "The race is being computed.";
  const where = `At slow time ${words(frame.time)} the left neuron is ${words(at.left)} and the right one ${words(at.right)} from the jump`;
  const measured = at.hit ? `${words(at.hit.time, 4)} by simulation` : "not reached in this simulation";
  if (tie) return `${where}; it is a dead heat at ${words(left)} each: both arrive at ${words(time, 4)} by formula, ${measured}.`;
  const lead = (100 * Math.abs(left - right)) / Math.max(left, right);
  return `${where}; the ${leftWins ? "left" : "right"} one, ${words(lead, 2)} % nearer at the start, hits at ${words(time, 4)} by formula, ${measured}, and the other stops at ${words(stop)}.`;
}

/** @param {Frame} frame @returns {TableData} */
export function table(frame) {
  const { left, right, rate, time } = race(frame.state);
  const run = frame.runs.race;
  const columns = ["slow time", "left distance", "right distance", "right³ − left³", "loss", "left by formula", "right by formula"];
  if (!run) return { columns, rows: [] };
  const { data } = run.arrays.distances;
  const rows = Array.from(run.times, (slow_time, k) => {
    const formula = state_at(left, right, rate, Math.min(slow_time, time));
    return [slow_time, data[2 * k], data[2 * k + 1], cubes(data[2 * k], data[2 * k + 1]), run.losses?.[k] ?? Number.NaN, formula.left, formula.right];
  });
  return { columns, rows };
}

export default lab({
  name: "race",
  worker,
  runs: ({ jump, jump_size, positions, ...state }) => [
    { slot: "race", engine: "race", parameters: { jump, jump_size, positions, times: times({ jump, jump_size, positions, ...state }) } },
  ],
  times,
  tidy,
  clock: (time) => `slow time ${words(time)}`,
  panels: [track, gaps, plane, cusp],
  summary,
  remark: () => "Drag a start ▲, the jump, or the round mark in the plane of distances.",
  table,
});
