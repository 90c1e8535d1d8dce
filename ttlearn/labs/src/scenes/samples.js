/** Samples: n points instead of the whole law; the angle follows it down to a floor, and leaves at t*. */

import { departure_time, signed_samples, statistical_floor } from "../engines/finite_sample.js";
import { make_law } from "../engines/law.js";
import { words } from "../shell/format.js";
import { lab } from "../shell/lab.js";
import worker from "worker:finite_sample,directional_flow";
import { arrow, lawName, least, logAngle, once, power, remember, spread, square, values } from "./parts/directional.js";
import { column, logTimes } from "./parts/steps.js";

/** @import {Frame, PanelDefinition, State, TableData} from "../shell/types" */
/** @import {Trajectory} from "../engines/types" */

const MOMENTS = 121;
const FIRST_TIME = 0.1;
const DRAWN = 400; // points in the picture
const [FEWEST, MOST] = [10, 100000];
const LOWEST = 1e-7; // smallest angle in the picture
const TOLERANCE = 1e-5;

/** @param {State} state */
export function savedTimes(state) {
  return logTimes(state.horizon, Math.log10(state.horizon / FIRST_TIME), MOMENTS);
}

/** @param {State} state */
const lawOf = (state) => make_law(lawName({ ...state, dimension: 2 }));

/** @param {State} state */
const departure = (state) => departure_time(lawOf(state), state.samples);

/**
 * Angle of the direction of maximum margin: the smallest of z.(cos, sin) is one hill, climbed by thirds.
 * NaN where no direction is right for every sample.
 * @param {State} state
 */
export function bestMargin({ law, samples, seed }) {
  return remember(`margin ${law} ${samples} ${seed}`, () => {
    const z = signed_samples(law, samples, 2, seed);
    const margin = (/** @type {number} */ angle) => {
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      let low = Infinity;
      for (let i = 0; i < z.length; i += 2) low = Math.min(low, z[i] * x + z[i + 1] * y);
      return low;
    };
    let [low, high] = [-Math.PI / 2, Math.PI / 2];
    for (let i = 0; i < 60; i++) {
      const [one, two] = [low + (high - low) / 3, high - (high - low) / 3];
      if (margin(one) < margin(two)) low = one;
      else high = two;
    }
    return (low + high) / 2;
  });
}

/** Sizes of the angles of the sample's flow. @param {Trajectory} run */
const sizes = (run) => once(run, "sizes", () => values(run, "angle").map(Math.abs));

/** The floor with the norm of the flow on the whole law. @param {State} state @param {Trajectory} run */
function floor(state, run) {
  const law = lawOf(state);
  return once(run, `floor ${state.samples} ${state.law}`, () => values(run, "norm").map((norm) => statistical_floor(state.law, law, state.samples, norm)));
}

/** @type {PanelDefinition} */
const angles = {
  name: "angles",
  label: "Angle to the teacher over time, on the samples and on the whole law",
  wide: true,
  height: 290,
  title({ state, runs, index }) {
    const [run, whole] = [runs.sample, runs.law];
    if (!run || !whole) return "The angle";
    const at = Math.min(index, run.times.length - 1);
    return `${words(state.samples, 6)} samples: the angle is ${words(sizes(run)[at], 2)} at this time, the floor predicts ${words(floor(state, whole)[at], 2)}, all of the law ${power(logAngle(values(whole, "log_half_angle")[at]))}`;
  },
  draw(plot, { state, runs, times, time, index, set }) {
    const end = times[times.length - 1];
    const [run, whole] = [runs.sample, runs.law];
    const low = run ? Math.max(LOWEST, Math.min(1e-3, 0.3 * least(sizes(run)))) : 1e-3;
    plot.frame({ x: { domain: [FIRST_TIME, end], log: true, label: "time" }, y: { domain: [low, 5], log: true, label: "angle" }, margin: { right: 26 } });
    const star = departure(state);
    if (run && whole) {
      const best = Math.abs(bestMargin(state));
      if (best > low) {
        plot.rule("best", { y: best }, "ttl-other ttl-dots");
        plot.label("best name", FIRST_TIME, best, "maximum margin", { className: "ttl-fill-other", dx: 8, dy: -5 });
      }
      const exact = once(whole, "exact", () => values(whole, "log_half_angle").map((y) => 10 ** Math.max(-300, logAngle(y))));
      plot.curve("law", whole.times, exact.map((angle) => (angle > low / 10 ? angle : Number.NaN)), "ttl-limit ttl-dash");
      plot.curve("floor", whole.times, floor(state, whole), "ttl-floor");
      plot.curve("sample", run.times, sizes(run), "ttl-network");
      plot.label("floor name", FIRST_TIME * 30, floor(state, whole)[40], "floor", { className: "ttl-fill-floor", dy: 16 });
      const gone = exact.findIndex((angle) => angle < 3 * low);
      if (gone > 0) plot.label("law name", whole.times[gone], 3 * low, "all of the law", { className: "ttl-fill-limit", anchor: "end", dx: -8 });
      plot.label("sample name", FIRST_TIME, sizes(run)[0], `${words(state.samples, 6)} samples`, { className: "ttl-fill-network", dx: 8, dy: 18 });
      if (time > 0) {
        plot.rule("now", { x: time }, "ttl-now");
        const value = sizes(run)[Math.min(index, run.times.length - 1)];
        if (value > low) plot.dot("dot", time, value, 4.5, "ttl-fill-network");
      }
    }
    if (star >= end) return plot.label("later", end, 5, `t* = ${words(star)}, beyond this picture ▸`, { className: "ttl-fill-target", anchor: "end", dx: -6, dy: 16 });
    plot.rule("star", { x: star }, "ttl-target ttl-dash");
    plot.label("star name", star, 5, `t* = ${words(star)}`, { className: "ttl-fill-target", dx: 6, dy: 16, anchor: star > end / 30 ? "end" : "start" });
    const least_time = departure_time(lawOf(state), FEWEST);
    plot.handles.place("star", "star", {
      x: star, y: low, dy: -12, axis: "x", low: least_time, high: Math.max(1.01 * least_time, Math.min(end, departure_time(lawOf(state), MOST))), step: 0.1 * star, shape: "bar", className: "ttl-handle-target",
      label: "Departure time t*: moves with the number of samples", text: `t* ${words(star)}, ${words(state.samples, 6)} samples`,
      move(toX) {
        const wanted = Math.round(state.samples * Math.cbrt(toX / star));
        set({ samples: Math.min(MOST, Math.max(FEWEST, wanted === state.samples ? state.samples + Math.sign(toX - star) : wanted)) });
      },
    });
  },
};

/** @type {PanelDefinition} */
const cloud = {
  name: "cloud",
  label: "The samples, the start and the boundary",
  height: 270,
  title({ runs, index, state }) {
    const run = runs.sample;
    if (!run) return "The samples";
    const at = Math.min(index, run.times.length - 1);
    const inside = (2 * lawOf(state).density_at_zero * state.samples) / values(run, "norm")[at];
    return `About ${words(inside, 2)} samples still pull: those between the dashed lines`;
  },
  draw(plot, { state, runs, index, set }) {
    const half = spread(state);
    const wide = square(plot, half);
    const z = remember(`cloud ${state.law} ${state.samples} ${state.seed}`, () => signed_samples(state.law, Math.min(state.samples, DRAWN), 2, state.seed));
    for (let i = 0; i < z.length / 2; i++) {
      const side = i % 2 === 0 ? 1 : -1; // z is the same for a point and for its mirror image with the other label
      const [x, y] = [side * z[2 * i], side * z[2 * i + 1]];
      if (Math.abs(x) < wide && Math.abs(y) < half) plot.dot(`point ${i}`, x, y, 2.3, `ttl-fill-${side > 0 ? "target" : "other"}`);
    }
    plot.segment("teacher", [0, -half], [0, half], "ttl-rule ttl-ink ttl-dots");
    const run = runs.sample;
    if (run) {
      const at = Math.min(index, run.times.length - 1);
      const [norm, angle] = [values(run, "norm")[at], values(run, "angle")[at]];
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      const far = 2 * (half + wide);
      for (const [key, shift, look] of /** @type {[string, number, string][]} */ ([["boundary", 0, "ttl-curve ttl-network"], ["above", 1 / norm, "ttl-rule ttl-network ttl-dash"], ["below", -1 / norm, "ttl-rule ttl-network ttl-dash"]]))
        plot.segment(key, [shift * x - far * y, shift * y + far * x], [shift * x + far * y, shift * y - far * x], look);
    }
    const [x, y] = state.weights;
    const scale = Math.min(1, (0.9 * half) / Math.max(Math.abs(x), Math.abs(y), 1e-9));
    arrow(plot, "start arrow", [scale * x, scale * y], "network");
    plot.handles.place("start", "start", {
      x: scale * x, y: scale * y, axis: "xy", low: -half, high: half, lowY: -half, highY: half, step: 0.02,
      label: "Start of the vector, four arrow keys", text: `${words(x)} along, ${words(y)} across`, move: (toX, toY) => set({ weights: [toX, toY] }),
    });
  },
};

/** @type {PanelDefinition} */
const norms = {
  name: "norms",
  label: "Norm over time, on the samples and on the whole law",
  height: 270,
  title({ runs }) {
    const [run, whole] = [runs.sample, runs.law];
    if (!run || !whole) return "The norm";
    const last = run.times.length - 1;
    const [mine, all] = [values(run, "norm")[last], values(whole, "norm")[last]];
    if (mine < 0.8 * all) return `After t* the norm grows like a logarithm: ${words(mine)} where all of the law has ${words(all)}`;
    return `Up to t* the norm is that of all the law: ${words(mine)} and ${words(all)} at the end`;
  },
  draw(plot, { state, runs, times, time, index }) {
    const end = times[times.length - 1];
    const [run, whole] = [runs.sample, runs.law];
    const top = whole ? 1.5 * values(whole, "norm")[whole.times.length - 1] : 100;
    const low = run ? Math.min(0.3, 0.8 * least(values(run, "norm"))) : 0.3;
    plot.frame({ x: { domain: [FIRST_TIME, end], log: true, label: "time" }, y: { domain: [low, Math.max(10, top)], log: true, label: "norm" }, margin: { right: 26 } });
    const leave = 2 * lawOf(state).density_at_zero * state.samples;
    if (leave < top) {
      plot.rule("leave", { y: leave }, "ttl-target ttl-dash");
      plot.label("leave name", FIRST_TIME, leave, "one sample left between the lines", { className: "ttl-fill-target", dx: 8, dy: -6 });
    }
    if (!run || !whole) return;
    plot.curve("law", whole.times, values(whole, "norm"), "ttl-limit ttl-dash");
    plot.curve("sample", run.times, values(run, "norm"), "ttl-network");
    if (time > 0) {
      plot.rule("now", { x: time }, "ttl-now");
      plot.dot("dot", time, values(run, "norm")[Math.min(index, run.times.length - 1)], 4.5, "ttl-fill-network");
    }
  },
};

/** @param {Frame} frame */
export function summary({ state, runs, index, time }) {
  const [run, whole] = [runs.sample, runs.law];
  if (!run || !whole) return "The flow on the samples is being computed.";
  const at = Math.min(index, run.times.length - 1, whole.times.length - 1);
  const star = departure(state);
  return `At time ${words(time)} the vector trained on ${words(state.samples, 6)} samples is ${words(sizes(run)[at])} rad from the teacher (floor ${words(floor(state, whole)[at])}) and ${words(Math.abs(values(run, "angle")[at] - bestMargin(state)))} rad from the direction of maximum margin; on all of the law the angle would be ${power(logAngle(values(whole, "log_half_angle")[at]))}; t* is ${words(star)}, ${time < star ? "still to come" : "already past"}.`;
}

/** @param {Frame} frame @returns {TableData} */
export function table({ state, runs }) {
  const columns = ["time", "angle on the samples", "floor", "log10 of the angle on the whole law", "norm on the samples", "norm on the whole law", "w along", "w across"];
  const [run, whole] = [runs.sample, runs.law];
  if (!run || !whole) return { columns, rows: [] };
  const rows = Array.from(run.times, (time, i) => [
    time, values(run, "angle")[i], floor(state, whole)[i], logAngle(values(whole, "log_half_angle")[i]), values(run, "norm")[i], values(whole, "norm")[i], column(run, "weights", 0)[i], column(run, "weights", 1)[i],
  ]);
  return { columns, rows };
}

/** Keep the start off 0 and off the ray opposite the teacher. @param {State} state */
export function tidy(state) {
  const [x, y] = state.weights;
  if (Math.hypot(x, y) < 0.01) return { state: { ...state, weights: [0.01, 0] }, note: "A start at 0 has no angle; it was moved to 0.01." };
  if (x < 0 && Math.abs(y) < 0.001) return { state: { ...state, weights: [x, 0.001] }, note: "Exactly opposite the teacher a flow does not know where to turn; the start was moved by 0.001." };
  return { state };
}

export default lab({
  name: "samples",
  worker,
  runs(state) {
    const { law, samples, seed, weights } = state;
    const times = savedTimes(state);
    const [norm, angle] = [Math.hypot(...weights), Math.abs(Math.atan2(weights[1], weights[0]))];
    return [
      { slot: "sample", engine: "finite_sample", parameters: { kind: law, samples, seed, weights, times, tolerance: TOLERANCE } },
      { slot: "law", engine: "directional_flow", parameters: { law: lawName({ ...state, dimension: 2 }), norm, angle, times } },
    ];
  },
  times: savedTimes,
  tidy,
  clock: (time) => `time ${words(time)}`,
  panels: [angles, cloud, norms],
  summary,
  remark: () => "Drag the mark on t* for more or fewer samples, or the start of the vector among the samples.",
  table,
});
