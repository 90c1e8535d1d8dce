/** Two neurons, one for and one against: what they disagree on is fast, what they share is slow. */

import { make_law } from "../engines/law.js";
import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:two_nodes";
import { arrow, lawName, lawWords, least, once, pathOnce, power, square, values } from "./parts/directional.js";
import { column, logTimes } from "./parts/steps.js";

/** @import {Frame, PanelDefinition, State, TableData} from "../shell/types" */
/** @import {Trajectory} from "../engines/types" */

const MOMENTS = 161;
const FIRST_TIME = 0.01;
const ROUNDING = 1e-12; // smaller angles of this flow are rounding
const ALIGNED = 0.01;
const EXTENTS = [2.5, 8];
const SETTLED = 0.05; // the two modes follow the straight lines once their neurons' angles are small

/** @param {State} state */
export function savedTimes(state) {
  return logTimes(state.horizon, Math.log10(state.horizon / FIRST_TIME), MOMENTS);
}

/** Half height of the picture. @param {State} state */
function extent({ first, second }) {
  const most = Math.max(...[...first, ...second].map(Math.abs));
  return EXTENTS.find((edge) => most <= edge) ?? EXTENTS[EXTENTS.length - 1];
}

/** What the two share and where they differ, across the teacher, and the size e squared. @param {Trajectory} run @param {number} leak */
function modes(run, leak) {
  const [a1, b1, a2, b2] = [column(run, "first", 0), column(run, "first", 1), column(run, "second", 0), column(run, "second", 1)];
  const size = (/** @type {number} */ i) => ((1 + leak) * (a1[i] - a2[i])) / 2;
  const kept = (/** @type {number} */ value) => (Math.abs(value) > ROUNDING ? Math.log(Math.abs(value)) : Number.NaN);
  return {
    square: once(run, `square ${leak}`, () => a1.map((_, i) => (size(i) > 0 ? size(i) ** 2 : 0))),
    shared: once(run, "shared", () => b1.map((b, i) => kept(b + b2[i]))),
    apart: once(run, "apart", () => b1.map((b, i) => kept(b - b2[i]))),
  };
}

/** First saved time from which an angle stays below `ALIGNED`; NaN if it does not. @param {Trajectory} run @param {string[]} names */
function aligned(run, names) {
  let found = Number.NaN;
  for (let i = run.times.length - 1; i >= 0 && names.every((name) => values(run, name)[i] < ALIGNED); i--) found = run.times[i];
  return found;
}

/** @param {number} time */
const when = (time) => (Number.isNaN(time) ? "not yet" : `at time ${words(time)}`);

/** @type {PanelDefinition} */
const plane = {
  name: "plane",
  label: "The two neurons, their paths and the decision boundary",
  height: 290,
  title({ runs, index }) {
    const run = runs.main;
    if (!run) return "Two neurons";
    const at = Math.min(index, run.times.length - 1);
    const angle = values(run, "boundary_angle")[at];
    return `The boundary is ${angle < ROUNDING ? "exact" : `${words(angle, 2)} rad off`}, the neurons ${words(values(run, "first_angle")[at], 2)} and ${words(values(run, "second_angle")[at], 2)}`;
  },
  draw(plot, { state, runs, index, set }) {
    const edge = extent(state);
    const wide = square(plot, edge, { x: "along the teacher", y: "across" });
    plot.segment("teacher", [0, -edge], [0, edge], "ttl-rule ttl-target ttl-dots");
    plot.label("teacher name", 0, edge, "teacher's boundary", { className: "ttl-fill-target", dx: 5, dy: 12 });
    const run = runs.main;
    if (run) {
      const at = Math.min(index, run.times.length - 1);
      for (const [name, colour] of [["first", "network"], ["second", "other"]]) {
        const [xs, ys] = [column(run, name, 0), column(run, name, 1)];
        const path = pathOnce(run, name, [-wide, wide], () => [xs, ys]);
        plot.curve(`${name} path`, path.xs, path.ys, `ttl-${colour}`);
        if (Math.abs(xs[at]) < wide && Math.abs(ys[at]) < edge) plot.dot(`${name} now`, xs[at], ys[at], 5, `ttl-fill-page ttl-${colour}`);
      }
      const [dx, dy] = [0, 1].map((i) => column(run, "first", i)[at] - column(run, "second", i)[at]);
      const far = (3 * wide) / (Math.hypot(dx, dy) || 1);
      plot.segment("boundary", [-far * dy, far * dx], [far * dy, -far * dx], "ttl-curve ttl-limit ttl-thick");
      plot.label("boundary name", wide, -edge, "network's boundary", { className: "ttl-fill-limit", anchor: "end", dx: -6, dy: -8 });
    }
    const outer = state.first[0] <= state.second[0] ? "first" : "second"; // its name stands on its left
    for (const [name, colour, word] of [["first", "network", "adds"], ["second", "other", "subtracts"]]) {
      const [x, y] = state[name];
      arrow(plot, `${name} arrow`, [x, y], colour);
      plot.handles.place(name, name, {
        x, y, axis: "xy", low: -Math.min(8, wide), high: Math.min(8, wide), lowY: -edge, highY: edge, step: 0.05, className: colour === "other" ? "ttl-handle-other" : "",
        label: `Start of the neuron that ${word}, four arrow keys`, text: `${words(x)} along, ${words(y)} across`, move: (toX, toY) => set({ [name]: [toX, toY] }),
      });
      plot.label(`${name} name`, x, y, word, { className: `ttl-fill-${colour}`, dx: name === outer ? -12 : 12, anchor: name === outer ? "end" : "start", dy: 4 });
    }
  },
};

/** @type {PanelDefinition} */
const angles = {
  name: "angles",
  label: "Angles of both neurons and of the boundary over time",
  height: 290,
  title({ runs }) {
    const run = runs.main;
    if (!run) return "Three angles";
    return `Within 0.01 rad: boundary ${when(aligned(run, ["boundary_angle"]))}, both neurons ${when(aligned(run, ["first_angle", "second_angle"]))}`;
  },
  draw(plot, { runs, times, time, index }) {
    const run = runs.main;
    const names = [["first_angle", "network", "adds"], ["second_angle", "other", "subtracts"], ["boundary_angle", "limit", "boundary"]];
    const seen = run ? names.map(([name]) => once(run, `${name} seen`, () => values(run, name).map((angle) => (angle > ROUNDING ? angle : Number.NaN)))) : [];
    const low = Math.max(ROUNDING, Math.min(1e-3, ...seen.map((list) => least(list) / 2)));
    const end = times[times.length - 1];
    plot.frame({ x: { domain: [FIRST_TIME, end], log: true, label: "time" }, y: { domain: [low, 6], log: true, label: "angle" }, margin: { right: 24 } });
    if (!run) return;
    plot.rule("aligned", { y: ALIGNED }, "ttl-ink ttl-dots");
    if (time > 0) plot.rule("now", { x: time }, "ttl-now");
    const at = Math.min(index, run.times.length - 1);
    names.forEach(([name, colour, word], i) => {
      plot.curve(name, run.times, seen[i], `ttl-${colour} ${i === 1 ? "ttl-dash" : ""}`);
      if (time > 0 && seen[i][at] > low) plot.dot(`${name} now`, time, seen[i][at], 4, `ttl-fill-${colour}`);
      if (seen[i][1] > 0) plot.label(`${name} name`, FIRST_TIME, low, word, { className: `ttl-fill-${colour}`, dx: 8, dy: -10 - 15 * (2 - i) });
    });
  },
};

/** @type {PanelDefinition} */
const lines = {
  name: "modes",
  label: "Logarithms of the shared and the opposed part across the teacher, against the size squared",
  title({ state }) {
    const ratio = ((1 - state.leak) / (1 + state.leak)) ** 2;
    if (state.leak === 1) return "Linear units: what the neurons share never goes away";
    if (state.leak === 0) return "Without a leak both parts die at the pace of a linear predictor";
    return `What they share dies at ${words(ratio)} of a linear predictor's pace; the rest soon follows it`;
  },
  draw(plot, { state, runs, index }) {
    const run = runs.main;
    if (!run) return plot.frame({ x: { domain: [0, 1], label: "size²" }, y: { domain: [-1, 1], label: "ln of the part" } });
    const { square: sizes, shared, apart } = modes(run, state.leak);
    const right = 1.04 * -least(sizes.map((x) => -x)) || 1;
    const low = Math.min(-2, least(shared), least(apart));
    plot.frame({ x: { domain: [0, right], label: "size²", ticks: 5 }, y: { domain: [1.08 * low, 3], label: "ln of the part", ticks: 5 } });
    const law = make_law(lawName(state));
    const ratio = ((1 - state.leak) / (1 + state.leak)) ** 2;
    const at = Math.min(index, run.times.length - 1);
    for (const [name, list, slope, colour, word] of /** @type {[string, Float64Array, number, string, string][]} */ ([
      ["shared", shared, (ratio * law.k) / (2 * law.tail), "floor", "shared: w1 + w2"],
      ["apart", apart, law.k / (2 * law.tail), "limit", "apart: w1 − w2"],
    ])) {
      plot.curve(name, sizes, list, `ttl-${colour}`);
      const last = list.findLastIndex((value) => Number.isFinite(value));
      // With a leak the part that sets them apart soon lives on what they share: no line of its own.
      const alone = name === "shared" || state.leak === 0 || shared.every(Number.isNaN);
      if (alone && last >= 0 && list[last] < Math.log(SETTLED)) {
        plot.segment(`${name} theory`, [0, list[last] + slope * sizes[last]], [sizes[last], list[last]], `ttl-rule ttl-${colour} ttl-dash`);
      }
      if (Number.isFinite(list[at])) plot.dot(`${name} now`, sizes[at], list[at], 4, `ttl-fill-${colour}`);
      plot.label(`${name} name`, right, name === "shared" ? 3 : 1.08 * low, last >= 0 ? word : `${word} is exactly 0`, { className: `ttl-fill-${colour}`, anchor: "end", dx: -6, dy: name === "shared" ? 14 : -8 });
    }
  },
};

/** @type {PanelDefinition} */
const loss = {
  name: "loss",
  label: "Loss over time, with the theory's late value",
  title({ runs, state }) {
    const run = runs.main;
    if (!run?.losses) return "Loss";
    const last = run.times.length - 1;
    const theory = lateLoss(state, run.times[last]);
    return `The loss creeps like time to the −1/3: ${words(run.losses[last])} at the end, ${words(theory)} by the late formula`;
  },
  draw(plot, { state, runs, times, time, index }) {
    const end = times[times.length - 1];
    const run = runs.main;
    const losses = run?.losses;
    const low = losses ? Math.min(0.1, 0.7 * least(losses)) : 0.1;
    const top = losses ? Math.max(1, 1.2 * losses[0]) : 1;
    plot.frame({ x: { domain: [FIRST_TIME, end], log: true, label: "time" }, y: { domain: [low, top], log: true, values: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].filter((v) => v >= low && v <= top), label: "loss" }, margin: { right: 24 } });
    if (!run || !losses) return;
    const from = Math.max(1, end / 1e3);
    plot.segment("late", [from, lateLoss(state, from)], [end, lateLoss(state, end)], "ttl-rule ttl-limit ttl-dash");
    plot.label("late name", from, lateLoss(state, from), "late formula", { className: "ttl-fill-limit", anchor: "start", dx: 8, dy: -4 });
    plot.curve("loss", run.times, losses, "ttl-target");
    if (time > 0) {
      plot.rule("now", { x: time }, "ttl-now");
      plot.dot("loss now", time, losses[Math.min(index, losses.length - 1)], 4.5, "ttl-fill-target");
    }
  },
};

/** K / e with e = (3/2 (1 + leak)^2 K t)^(1/3). @param {State} state @param {number} time */
function lateLoss(state, time) {
  const { tail } = make_law(lawName(state));
  return tail / Math.cbrt(1.5 * (1 + state.leak) ** 2 * tail * time);
}

/** @param {Frame} frame */
export function summary({ state, runs, index, time }) {
  const run = runs.main;
  if (!run?.losses) return "The two neurons are being trained.";
  const at = Math.min(index, run.times.length - 1);
  const [one, two, edge] = ["first_angle", "second_angle", "boundary_angle"].map((name) => {
    const angle = values(run, name)[at];
    return angle > ROUNDING ? power(Math.log10(angle)) : "less than 10⁻¹²";
  });
  return `At time ${words(time)} the boundary is ${edge} rad from the teacher's, the adding neuron ${one} and the subtracting one ${two}; both neurons come within 0.01 rad ${when(aligned(run, ["first_angle", "second_angle"]))} (leak ${words(state.leak)}, ${lawWords(state)}, loss ${words(run.losses[at])}).`;
}

/** @param {Frame} frame @returns {TableData} */
export function table({ runs }) {
  const columns = ["time", "loss", "angle of the adding neuron", "angle of the subtracting neuron", "angle of the boundary", "w1 along", "w1 across", "w2 along", "w2 across"];
  const run = runs.main;
  if (!run) return { columns, rows: [] };
  const rows = Array.from(run.times, (time, i) => [
    time, run.losses?.[i] ?? Number.NaN, ...["first_angle", "second_angle", "boundary_angle"].map((name) => values(run, name)[i]),
    ...["first", "second"].flatMap((name) => [column(run, name, 0)[i], column(run, name, 1)[i]]),
  ]);
  return { columns, rows };
}

/** A neuron at 0 has no side. @param {State} state */
export function tidy(state) {
  const next = { ...state };
  let note = "";
  for (const name of ["first", "second"])
    if (Math.hypot(...next[name]) < 0.001) {
      next[name] = [0.001, 0];
      note = "A neuron at 0 has no side; it was moved to 0.001.";
    }
  return { state: next, note };
}

export default lab({
  name: "two_neurons",
  worker,
  runs: (state) => [{ slot: "main", engine: "two_nodes", parameters: { law: lawName(state), first: state.first, second: state.second, leak: state.leak, times: savedTimes(state) } }],
  times: savedTimes,
  tidy,
  clock: (time) => `time ${words(time)}`,
  panels: [plane, angles, lines, loss],
  summary,
  remark: () => "Drag the tips of the two arrows, or move each with the four arrow keys.",
  table,
});
