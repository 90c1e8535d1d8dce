/** Toy systems: one hypothesis of the "almost never" theorem dropped at a time, and who gets trapped. */

import { TOYS, trapped_fraction } from "../engines/toys.js";
import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:toys";

/** @import {Frame, PanelDefinition, State, TableData} from "../shell/types" */
/** @import {ToyName} from "../engines/toys.js" */

const GRID = 8;
const SIDE = 0.3; // where coordinates that are not shown start
const NEAR = 0.02;
const STARTS = 400;
const SWEEP = Array.from({ length: 48 }, (_, i) => Number((0.05 * (i + 1)).toFixed(2)));
const LESSONS = {
  E1: "only the line y = 0 ends at the saddle, and a line has no area",
  E2: "every point of the line is a saddle, and still only the plane y = 0 ends there",
  E3: "from above the saddle looks like a valley, from below like a hill",
  E4: "at step size 1/2 a single step maps the whole outside onto y = 0",
  E5: "no curvature at all: everything above creeps towards 0 and never passes",
};

/** The toy and which coordinates are shown: E2 from the side, where x, which shrinks anyway, is not seen. @param {State} state */
function system(state) {
  const name = /** @type {ToyName} */ (state.name);
  const toy = TOYS[name];
  const across = toy.dimension === 3 ? 2 : toy.dimension === 2 ? 0 : -1;
  return { name, toy, across, up: toy.unstable };
}

/** @param {number} dimension @param {number} across @param {number} up */
function placed(dimension, across, up) {
  return dimension === 1 ? [up] : dimension === 2 ? [across, up] : [SIDE, up, across];
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

/** @param {ToyName} name @param {number} step_size @param {number} n_steps */
function trapped(name, step_size, n_steps) {
  const key = `${name} ${step_size} ${n_steps}`;
  const found = fractions.get(key) ?? trapped_fraction(name, step_size, { starts: STARTS, steps: n_steps, tolerance: NEAR });
  fractions.set(key, found);
  return found;
}

/** @param {State} state */
function share(state) {
  return trapped(system(state).name, state.step_size, state.n_steps);
}

/** Place on the screen of run s at step k; its start where there is no run. @param {Frame} frame @param {number} s @param {number} k */
function place(frame, s, k) {
  const { toy, across, up } = system(frame.state);
  const run = frame.runs.descent;
  const first = places(frame.state)[s];
  if (!run || run.arrays.points.shape[2] !== toy.dimension) return first;
  const { data, shape } = run.arrays.points;
  const at = (Math.min(k, shape[0] - 1) * shape[1] + s) * shape[2];
  return [across < 0 ? first[0] : data[at + across], data[at + up]];
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
    const { toy, across, up } = system(frame.state);
    const { box } = toy;
    const edge = 1.15 * box;
    plot.frame({ x: { domain: [-edge, edge], label: across === 2 ? "z" : across === 0 ? "x" : "(nothing changes this way)" }, y: { domain: [-edge, edge], label: "y" } });
    for (let i = 0; i < 11; i++)
      for (let j = 0; j < 11; j++) {
        const [x, y] = [((i - 5) / 5) * box, ((j - 5) / 5) * box];
        const slope = toy.gradient(placed(toy.dimension, x, y));
        const [dx, dy] = [across < 0 ? 0 : -slope[across], -slope[up]];
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
      const end = Math.abs(place(frame, s, frame.state.n_steps)[1]) <= NEAR;
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
  label: "Share of the starts that end at the saddle, against the step size",
  height: 330,
  title(frame) {
    return `${words(100 * share(frame.state), 3)} % of all starts are trapped at step size ${words(frame.state.step_size)}`;
  },
  draw(plot, frame) {
    const { name } = system(frame.state);
    const { step_size, n_steps } = frame.state;
    plot.frame({ x: { domain: [0, 2.45], label: "step size", ticks: 5 }, y: { domain: [0, 1.04], label: "share trapped", values: [0, 0.25, 0.5, 0.75, 1] } });
    for (const at of SWEEP) {
      const value = trapped(name, at, n_steps);
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
const height = {
  name: "height",
  label: "Distance of the reader's run from the saddle's height, over steps",
  wide: true,
  height: 200,
  title(frame) {
    const end = Math.abs(place(frame, 0, frame.state.n_steps)[1]);
    const start = Math.abs(frame.state.start[1]);
    if (end === 0) return "Your run ends exactly at the height of the saddle";
    return end <= NEAR ? `Your run is trapped: |y| ends at ${words(end, 2)}` : end > start ? `Your run gets away: |y| grows to ${words(end, 2)}` : `Your run stays at |y| = ${words(end, 2)}`;
  },
  draw(plot, frame) {
    const { n_steps } = frame.state;
    plot.frame({ x: { domain: [0, n_steps], label: `steps of size ${words(frame.state.step_size)}` }, y: { domain: [1e-6, 10], log: true, label: "|y|" } });
    plot.box("near", [0, n_steps], [1e-6, NEAR], "ttl-fill-target ttl-shade");
    plot.label("near name", 0, NEAR, "trapped", { className: "ttl-fill-target", dx: 6, dy: 14 });
    plot.rule("now", { x: frame.time }, "ttl-now");
    const all = steps(frame.state);
    const heights = all.map((k) => Math.min(20, Math.max(1e-6, Math.abs(place(frame, 0, k)[1]))));
    plot.curve("height", all, heights, "ttl-other");
    if (heights[frame.index] < 10) plot.dot("height now", frame.time, heights[frame.index], 5, "ttl-fill-other");
  },
};

/** @param {Frame} frame */
export function summary(frame) {
  const { name } = system(frame.state);
  const { start, step_size, n_steps } = frame.state;
  const [, y] = place(frame, 0, frame.index);
  const mine = `${words(frame.time)} steps of size ${words(step_size)} take your start from y = ${words(start[1])} to ${words(y, 3)}`;
  return `${mine}; ${words(100 * share(frame.state), 3)} % of ${STARTS} starts are at the saddle's height after ${words(n_steps)} steps: ${LESSONS[name]}.`;
}

/** @param {Frame} frame @returns {TableData} */
export function table(frame) {
  const { name, toy, across } = system(frame.state);
  const rows = steps(frame.state).map((k) => {
    const [x, y] = place(frame, 0, k);
    return [k, x, y, toy.potential(placed(toy.dimension, x, y))];
  });
  return { columns: ["step", across === 2 ? "z" : "x", "y", `value of ${name}`], rows };
}

export default lab({
  name: "toys",
  worker,
  runs: (state) => {
    const { name, toy } = system(state);
    const starts = places(state).map(([x, y]) => placed(toy.dimension, x, y));
    return [{ slot: "descent", engine: "toys", parameters: { name, starts, step_size: state.step_size, steps: steps(state) } }];
  },
  times: steps,
  clock: (time) => `step ${words(time)}`,
  panels: [field, trap, height],
  summary,
  remark: () => "Drag the start, or the step size ▲. Orange runs end at the saddle's height, blue ones get away.",
  table,
});
