/** The plane: one vector, a loss that crawls, a direction that races. */

import { make_law } from "../engines/law.js";
import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:directional_flow,directional_descent";
import { lawName, lawWords, least, logAngle, once, power, values } from "./parts/directional.js";
import { boundary, portrait } from "./parts/plane_panels.js";
import { logTimes } from "./parts/steps.js";

/** @import {Frame, PanelDefinition, State, TableData} from "../shell/types" */
/** @import {Trajectory} from "../engines/types" */

const MOMENTS = 201;
const FIRST_TIME = 0.01;
const SETTLED = -5; // y below which the straight line of the theory is drawn

/** @param {State} state */
export function savedTimes(state) {
  return logTimes(state.horizon, Math.log10(state.horizon / FIRST_TIME), MOMENTS);
}

/** @param {State} state */
export function savedSteps({ most_steps }) {
  const steps = Array.from({ length: MOMENTS - 1 }, (_, i) => Math.floor(most_steps ** (i / (MOMENTS - 2)) + 0.5));
  return [...new Set([0, ...steps])];
}

/** Decimal logarithms of the angle. @param {Trajectory} run */
const angles = (run) => once(run, "log angle", () => values(run, "log_half_angle").map(logAngle));

/** Decimal logarithms of the loss. @param {Trajectory} run */
const losses = (run) => once(run, "log loss", () => (run.losses ?? new Float64Array()).map(Math.log10));

/** Slope of -y against norm squared: the theory's, and between two late moments. @param {Frame} frame */
function slopes({ state, runs }) {
  const law = make_law(lawName(state));
  const theory = law.k / (2 * state.depth * law.tail);
  const run = runs.main;
  if (!run) return { theory, measured: Number.NaN };
  const [norm, y] = [values(run, "norm"), values(run, "log_half_angle")];
  const last = norm.length - 1;
  const before = Math.max(0, last - 8);
  const measured = (y[before] - y[last]) / (norm[last] ** 2 - norm[before] ** 2);
  return { theory, measured: y[last] < SETTLED ? measured : Number.NaN };
}

/** @type {PanelDefinition} */
const race = {
  name: "race",
  label: "Loss and angle over time, both as powers of ten",
  height: 250,
  title({ state, runs }) {
    const run = runs.main;
    if (!run?.losses) return "Loss and angle";
    const last = run.times.length - 1;
    if (state.angle === Math.PI) return values(run, "log_half_angle")[last] === -Infinity ? "Straight through the origin: the angle is π, then exactly 0" : "Exactly opposite and deep: the vector falls into 0 and stays";
    return `The loss crawls to ${words(run.losses[last])}, the angle races to ${power(angles(run)[last])}`;
  },
  draw(plot, { state, runs, times, time, index }) {
    const end = times[times.length - 1];
    const run = runs.main;
    const low = run ? Math.min(-2, 1.06 * least(angles(run))) : -2;
    const label = state.mode === "flow" ? "time" : "step";
    plot.frame({ x: { domain: [state.mode === "flow" ? FIRST_TIME : 1, end], log: true, label }, y: { domain: [low, Math.max(1, -0.05 * low)], label: "power of ten", ticks: 5 }, margin: { left: 68, right: 24 } });
    if (!run) return;
    plot.curve("angle", run.times, angles(run), "ttl-network");
    plot.curve("loss", run.times, losses(run), "ttl-target");
    if (time > 0) plot.rule("now", { x: time }, "ttl-now");
    const at = Math.min(index, run.times.length - 1);
    if (time > 0) {
      if (Number.isFinite(angles(run)[at])) plot.dot("angle now", time, angles(run)[at], 4.5, "ttl-fill-network");
      plot.dot("loss now", time, losses(run)[at], 4.5, "ttl-fill-target");
    }
    plot.label("loss name", end, losses(run)[run.times.length - 1], "loss", { className: "ttl-fill-target", anchor: "end", dy: -8, dx: -4 });
    plot.label("angle name", end, low, "angle", { className: "ttl-fill-network", anchor: "end", dx: -26, dy: -12 });
  },
};

/** @type {PanelDefinition} */
const line = {
  name: "line",
  label: "Minus ln tan of half the angle against the norm squared",
  height: 250,
  title(frame) {
    const { theory, measured } = slopes(frame);
    if (frame.state.angle === Math.PI) return "No line here: ln tan(angle ÷ 2) is infinite on the teacher's ray";
    if (!Number.isFinite(measured)) return "Late, ln tan(angle ÷ 2) falls straight in norm²";
    return `ln tan(angle ÷ 2) falls by ${words(measured)} per unit of norm²; theory for a long flow ${words(theory)}`;
  },
  draw(plot, frame) {
    const run = frame.runs.main;
    const { theory } = slopes(frame);
    if (!run) return plot.frame({ x: { domain: [0, 1], label: "norm²" }, y: { domain: [0, 1], label: "−ln tan(angle ÷ 2)" } });
    const squares = once(run, "squares", () => values(run, "norm").map((norm) => norm * norm));
    const rises = once(run, "rises", () => values(run, "log_half_angle").map((y) => -y));
    const right = 1.05 * -least(squares.map((x) => -x));
    const top = 1.05 * Math.max(1, -least(values(run, "log_half_angle")));
    const bottom = Math.min(0, Math.max(-0.2 * top, least(rises)));
    plot.frame({ x: { domain: [0, right], label: "norm²", ticks: plot.width < 380 ? 3 : 5 }, y: { domain: [bottom, top], label: "−ln tan(angle ÷ 2)", ticks: 5 }, margin: { left: 66, right: 20 } });
    const last = squares.length - 1;
    if (rises[last] > -SETTLED && Number.isFinite(rises[last])) {
      const from = Math.max(0, squares[last] - (rises[last] - bottom) / theory);
      plot.segment("theory", [from, rises[last] - theory * (squares[last] - from)], [squares[last], rises[last]], "ttl-rule ttl-limit ttl-dash");
      const middle = squares[last] / 2;
      plot.label("theory name", middle, rises[last] - theory * (squares[last] - middle), "slope of the theory", { className: "ttl-fill-limit", dx: 10, dy: 16 });
    }
    plot.curve("path", squares, rises, "ttl-network");
    const at = Math.min(frame.index, last);
    if (rises[at] >= bottom && rises[at] <= top) plot.dot("now", squares[at], rises[at], 4.5, "ttl-fill-network");
  },
};

/** @param {Frame} frame */
export function summary({ state, runs, index, time }) {
  const run = runs.main;
  if (!run?.losses) return "The path of the vector is being computed.";
  const last = run.times.length - 1;
  const at = Math.min(index, last);
  const clock = state.mode === "flow" ? "time" : "step";
  const now = `At ${clock} ${words(time)} the vector has norm ${words(values(run, "norm")[at])} and stands ${power(angles(run)[at])} rad from the teacher at a loss of ${words(run.losses[at])}`;
  const end = `by ${clock} ${words(run.times[last])} the loss is still ${words(run.losses[last])} and the angle ${power(angles(run)[last])}`;
  const net = `depth ${state.depth}, ${lawWords(state)}`;
  if (at === last) return `${now} (${net}).`;
  if (run.losses[last] > 0.6) return `${now}; even by ${clock} ${words(run.times[last])} the loss is ${words(run.losses[last])} and the angle ${power(angles(run)[last])}: stuck (${net}).`;
  return `${now}; ${end} (${net}).`;
}

/** @param {Frame} frame @returns {TableData} */
export function table({ state, runs }) {
  const columns = [state.mode === "flow" ? "time" : "step", "loss", "norm", "angle", "log10 of angle", "ln tan(angle/2)"];
  const run = runs.main;
  if (!run) return { columns, rows: [] };
  const [norm, angle, y] = ["norm", "angle", "log_half_angle"].map((name) => values(run, name));
  const rows = Array.from(run.times, (time, i) => [time, run.losses?.[i] ?? Number.NaN, norm[i], angle[i], angles(run)[i], y[i]]);
  return { columns, rows };
}

export default lab({
  name: "plane",
  worker,
  runs(state) {
    const { norm, angle, depth, step_size } = state;
    const common = { law: lawName(state), norm, angle, depth };
    if (state.mode === "flow") return [{ slot: "main", engine: "directional_flow", parameters: { ...common, times: savedTimes(state) } }];
    return [{ slot: "main", engine: "directional_descent", parameters: { ...common, step_size, steps: savedSteps(state) } }];
  },
  times: (state) => (state.mode === "flow" ? savedTimes(state) : savedSteps(state)),
  clock: (time, { state }) => `${state.mode === "flow" ? "time" : "step"} ${words(time)}`,
  panels: [portrait, boundary, race, line],
  summary,
  remark: () => "Drag the round mark, the start of the vector, or move it with the four arrow keys; play to watch the boundary turn.",
  table,
});
