/** Toy systems: one hypothesis of the "almost never" theorem dropped at a time, and who gets trapped. */

import { distance, placed, shown, TOYS } from "../engines/toy_systems.js";
import { trapped_fraction } from "../engines/toys.js";
import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:toys";

/** @import {Frame, PanelDefinition, State, TableData} from "../shell/types" */
/** @import {ToyName} from "../engines/toy_systems.js" */

const GRID = 8;
const NEAR = 0.02;
const STARTS = 400;
const FEW_STARTS = 100; // where a step costs the real loss
const SWEEP = Array.from({ length: 48 }, (_, i) => Number((0.05 * (i + 1)).toFixed(2)));
const LESSONS = {
  E1: "only the line y = 0 ends at the saddle, and a line has no area",
  E2: "every point of the line is a saddle, and still only the plane y = 0 ends there",
  E3: "from above the saddle looks like a valley, from below like a hill",
  E4: "at step size 1/2 a single step maps the whole outside onto y = 0",
  E5: "no curvature at all: everything above creeps towards 0 and never passes",
  E6: "at step size 1/2 the first step puts every dead network onto the plateau's best constant",
  E7: "from step size 0.151 on, 2 over the curvature 13.27, this perfect fit repels",
  E8: "above the edge a positive outer weight pulls the bias down to it; below, the neuron is dead",
};
const SADDLE = { caught: "at the saddle's height", distance: "|y|" };
const WORDS = {
  E1: SADDLE, E2: SADDLE, E3: SADDLE, E4: SADDLE, E5: SADDLE,
  E6: { caught: "dead and on the plateau's best constant", distance: "distance from there" },
  E7: { caught: "at the sharp minimum", distance: "distance from it" },
  E8: { caught: "dead, or at the edge", distance: "largest w x + b" },
};

/** The toy, its words, and how near counts as caught. @param {State} state */
function system(state) {
  const name = /** @type {ToyName} */ (state.name);
  const toy = TOYS[name];
  return { name, toy, say: WORDS[name], near: toy.distance ? toy.near : NEAR };
}

/** Places on the screen of all starts, the reader's first. @param {State} state @returns {number[][]} */
function places(state) {
  const { toy } = system(state);
  const axis = Array.from({ length: GRID }, (_, i) => (toy.box * (2 * i + 1 - GRID)) / GRID);
  return [state.start, ...axis.flatMap((y) => axis.map((x) => [x, y]))];
}

/** @param {State} state */
function steps(state) {
  return Array.from({ length: state.n_steps + 1 }, (_, k) => k);
}

/** @type {Map<string, number>} */
const fractions = new Map();

/** @param {State} state @param {number} [step_size] */
function share(state, step_size = state.step_size) {
  const { name, toy, near } = system(state);
  const key = `${name} ${step_size} ${state.n_steps}`;
  const options = { starts: toy.distance ? FEW_STARTS : STARTS, steps: state.n_steps, tolerance: near };
  const found = fractions.get(key) ?? trapped_fraction(name, step_size, options);
  fractions.set(key, found);
  return found;
}

/** The point of run s at step k; its start where there is no run. @param {Frame} frame @param {number} s @param {number} k */
function pointAt(frame, s, k) {
  const { toy } = system(frame.state);
  const run = frame.runs.descent;
  if (!run || run.arrays.points.shape[2] !== toy.rest.length) return placed(toy, ...pair(places(frame.state)[s]));
  const { data, shape } = run.arrays.points;
  const at = (Math.min(k, shape[0] - 1) * shape[1] + s) * shape[2];
  return data.subarray(at, at + shape[2]);
}

/** @param {number[]} place @returns {[number, number]} */
function pair([across, up]) {
  return [across, up];
}

/** Its place on the screen. @param {Frame} frame @param {number} s @param {number} k */
function place(frame, s, k) {
  const { toy } = system(frame.state);
  const [x, y] = shown(toy, pointAt(frame, s, k));
  return [toy.across < 0 ? places(frame.state)[s][0] : x, y];
}

/** How far from being caught it is. @param {Frame} frame @param {number} s @param {number} k */
function apart(frame, s, k) {
  return distance(system(frame.state).toy, pointAt(frame, s, k));
}

/** The reader's path up to the moment. @param {Frame} frame */
function path(frame) {
  return Array.from({ length: frame.index + 1 }, (_, k) => place(frame, 0, k));
}

/** @type {PanelDefinition} */
const field = {
  name: "field",
  label: "Steps of descent in the plane, with arrows downhill",
  height: 330,
  title(frame) {
    const { toy } = system(frame.state);
    return `${toy.formula.replace(" on R³", ", seen from the side")}`;
  },
  draw(plot, frame) {
    const { toy, near } = system(frame.state);
    const { box, units } = toy;
    const edge = 1.15 * box;
    plot.frame({ x: { domain: [-edge, edge], label: toy.axes[0] }, y: { domain: [-edge, edge], label: toy.axes[1] } });
    for (let i = 0; i < 11; i++)
      for (let j = 0; j < 11; j++) {
        const [x, y] = [((i - 5) / 5) * box, ((j - 5) / 5) * box];
        const slope = toy.gradient(placed(toy, x, y));
        const [dx, dy] = [toy.across < 0 ? 0 : -slope[toy.across] / units[0], -slope[toy.up] / units[1]];
        const length = Math.hypot(dx, dy);
        if (length < 1e-9) continue;
        const reach = (0.075 * box * Math.min(1, 0.35 + length / box)) / length;
        plot.segment(`arrow ${i} ${j}`, [x - reach * dx, y - reach * dy], [x + reach * dx, y + reach * dy], "ttl-rule ttl-ink ttl-faint");
        plot.dot(`head ${i} ${j}`, x + reach * dx, y + reach * dy, 1.6, "ttl-fill-ink ttl-faint");
      }
    plot.rule("height of the saddle", { y: 0 }, "ttl-limit ttl-dash");
    const inside = (/** @type {number[]} */ [x, y]) => Math.abs(x) <= edge && Math.abs(y) <= edge;
    for (let s = 1; s <= GRID * GRID; s++) {
      const now = place(frame, s, frame.index);
      const end = apart(frame, s, frame.state.n_steps) <= near;
      if (inside(now)) plot.dot(`run ${s}`, now[0], now[1], 3, end ? "ttl-fill-target" : "ttl-fill-network");
    }
    const way = path(frame);
    plot.curve("path", way.map((p) => p[0]), way.map((p) => p[1]), "ttl-other ttl-thin");
    way.slice(0, 40).forEach((p, k) => inside(p) && plot.dot(`step ${k}`, p[0], p[1], 2.4, "ttl-fill-other"));
    const now = way[way.length - 1];
    if (inside(now)) plot.dot("now", now[0], now[1], 5.5, "ttl-fill-page ttl-other");
    const [x, y] = frame.state.start;
    plot.handles.place("start", "start", {
      x: Math.max(-edge, Math.min(edge, x)), y: Math.max(-edge, Math.min(edge, y)), axis: "xy", low: -box, high: box, step: 0.02, className: "ttl-handle-other",
      label: "Start, four arrow keys", text: `${words(x)} across, ${words(y)} up`, move: (toX, toY) => frame.set({ start: [toX, toY] }),
    });
  },
};

/** @type {PanelDefinition} */
const trap = {
  name: "trap",
  label: "Share of the starts that are caught, against the step size",
  height: 330,
  title(frame) {
    return `${words(100 * share(frame.state), 3)} % of all starts are caught at step size ${words(frame.state.step_size)}`;
  },
  draw(plot, frame) {
    const { step_size } = frame.state;
    plot.frame({ x: { domain: [0, 2.45], label: "step size", ticks: 5 }, y: { domain: [0, 1.04], label: "share caught", values: [0, 0.25, 0.5, 0.75, 1] } });
    for (const at of SWEEP) {
      const value = share(frame.state, at);
      plot.segment(`stem ${at}`, [at, 0], [at, value], "ttl-curve ttl-target ttl-faint");
      plot.dot(`share ${at}`, at, value, 3, "ttl-fill-target");
    }
    plot.rule("now", { x: step_size }, "ttl-now");
    plot.dot("share now", step_size, share(frame.state), 7, "ttl-fill-page ttl-target");
    plot.handles.place("step size", "step size", {
      x: step_size, y: 0, dy: -7, axis: "x", low: 0.05, high: 2.4, step: 0.01, shape: "up", label: "Step size", text: words(step_size),
      move: (x) => frame.set({ step_size: Math.abs(x - 0.5) < 0.006 ? 0.5 : x }),
    });
  },
};

/** @type {PanelDefinition} */
const gap = {
  name: "gap",
  label: "Distance of the reader's run from being caught, over steps",
  wide: true,
  height: 200,
  title(frame) {
    const { say, near } = system(frame.state);
    const end = apart(frame, 0, frame.state.n_steps);
    const start = apart(frame, 0, 0);
    if (end <= near) return `Your run is caught: it ends ${end === 0 ? "exactly " : ""}${say.caught}`;
    return `Your run ${end > start ? "gets away" : "is not caught"}: ${say.distance} ${words(end, 2)} at the end`;
  },
  draw(plot, frame) {
    const { say, near } = system(frame.state);
    const { n_steps } = frame.state;
    const low = Math.min(1e-6, near / 100);
    plot.frame({ x: { domain: [0, n_steps], label: `steps of size ${words(frame.state.step_size)}` }, y: { domain: [low, 10], log: true, label: say.distance } });
    plot.box("near", [0, n_steps], [low, near], "ttl-fill-target ttl-shade");
    plot.label("near name", 0, near, "caught", { className: "ttl-fill-target", dx: 6, dy: 14 });
    plot.rule("now", { x: frame.time }, "ttl-now");
    const all = steps(frame.state);
    const gaps = all.map((k) => Math.min(20, Math.max(low, apart(frame, 0, k))));
    plot.curve("gap", all, gaps, "ttl-other");
    if (gaps[frame.index] < 10) plot.dot("gap now", frame.time, gaps[frame.index], 5, "ttl-fill-other");
  },
};

/** @param {Frame} frame */
export function summary(frame) {
  const { name, toy, say } = system(frame.state);
  const { start, step_size, n_steps } = frame.state;
  const [, y] = place(frame, 0, frame.index);
  const mine = `${words(frame.time)} ${frame.time === 1 ? "step" : "steps"} of size ${words(step_size)} take${frame.time === 1 ? "s" : ""} your start from ${toy.axes[1]} = ${words(start[1])} to ${words(y, 3)}`;
  return `${mine}; ${words(100 * share(frame.state), 3)} % of ${toy.distance ? FEW_STARTS : STARTS} starts are ${say.caught} after ${words(n_steps)} ${n_steps === 1 ? "step" : "steps"}: ${LESSONS[name]}.`;
}

/** @param {Frame} frame @returns {TableData} */
export function table(frame) {
  const { name, toy, say } = system(frame.state);
  const rows = steps(frame.state).map((k) => [k, ...place(frame, 0, k), apart(frame, 0, k), toy.potential(pointAt(frame, 0, k))]);
  return { columns: ["step", toy.axes[0], toy.axes[1], say.distance, `value of ${name}`], rows };
}

export default lab({
  name: "toys",
  worker,
  runs: (state) => {
    const { name, toy } = system(state);
    const starts = places(state).map(([x, y]) => placed(toy, x, y));
    return [{ slot: "descent", engine: "toys", parameters: { name, starts, step_size: state.step_size, steps: steps(state) } }];
  },
  times: steps,
  clock: (time) => `step ${words(time)}`,
  panels: [field, trap, gap],
  summary,
  remark: () => "Drag the start, or the step size ▲. Orange runs are caught, blue ones get away.",
  table,
});
