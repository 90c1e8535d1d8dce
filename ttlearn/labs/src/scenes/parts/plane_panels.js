/** The plane's phase portrait and the data with the boundary that turns. */

import { make_law } from "../../engines/law.js";
import { misalignment, nullcline_angle, polar_field } from "../../engines/linear_predictor.js";
import { words } from "../../shell/format.js";
import { arrow, lawName, logAngle, pathOnce, power, remember, scatter, spread, square, values } from "./directional.js";

/** @import {Law} from "../../engines/law.js" */
/** @import {Plot} from "../../shell/plot.js" */
/** @import {PanelDefinition, State} from "../../shell/types" */

const POINTS = 160;
const STARTS = [3.12, 3.02, 2.85, 2.6, 2.2, 1.7];
const EXTENTS = [6, 24];

/** Norm at the edge of the picture. @param {State} state */
export function extent(state) {
  return EXTENTS.find((edge) => state.norm <= edge) ?? EXTENTS[EXTENTS.length - 1];
}

/** Where (norm, angle) is drawn. @param {State} state @param {number} norm @param {number} angle @returns {[number, number]} */
function place({ coordinates }, norm, angle) {
  return coordinates === "polar" ? [norm, angle] : [norm * Math.cos(angle), norm * Math.sin(angle)];
}

/**
 * One path in (norm, y) by Runge and Kutta's rule: d ln(norm) / dy = -(N / k) [g - k (1 - cos)].
 * @param {Law} law
 * @param {number} depth
 * @param {number} edge
 * @param {number} angle
 * @returns {[number, number][]} norms and angles
 */
function orbit(law, depth, edge, angle) {
  /** @param {number} log_norm @param {number} y */
  const slope = (log_norm, y) => (-depth / law.k) * (law.g(Math.exp(log_norm)) - law.k * misalignment(y));
  const step = -0.04;
  let log_norm = Math.log(edge);
  /** @type {[number, number][]} */
  const path = [[edge, angle]];
  for (let y = Math.log(Math.tan(angle / 2)); y > -7; y += step) {
    const one = slope(log_norm, y);
    const two = slope(log_norm + (step / 2) * one, y + step / 2);
    const three = slope(log_norm + (step / 2) * two, y + step / 2);
    const four = slope(log_norm + step * three, y + step);
    log_norm += (step / 6) * (one + 2 * two + 2 * three + four);
    path.push([Math.exp(log_norm), 2 * Math.atan(Math.exp(y + step))]);
    if (log_norm > Math.log(edge)) break;
  }
  return path;
}

/** Paths of other starts, drawn faintly. @param {State} state */
function orbits(state) {
  const edge = extent(state);
  return remember(`orbits ${state.law} ${state.dimension} ${state.depth} ${edge} ${state.coordinates}`, () => {
    const law = make_law(lawName(state));
    const all = STARTS.flatMap((angle) => [...orbit(law, state.depth, edge, angle).map(([norm, at]) => place(state, norm, at)), [Number.NaN, Number.NaN]]);
    return { xs: all.map(([x]) => x), ys: all.map(([, y]) => y) };
  });
}

/** Where the norm rests. @param {State} state */
function nullcline(state) {
  const edge = extent(state);
  return remember(`nullcline ${state.law} ${state.dimension} ${edge} ${state.coordinates}`, () => {
    const law = make_law(lawName(state));
    const norms = Array.from({ length: 121 }, (_, i) => 1e-4 + (edge * i) / 120);
    const all = norms.map((norm) => place(state, norm, nullcline_angle(law, norm)));
    return { xs: all.map(([x]) => x), ys: all.map(([, y]) => y) };
  });
}

/** Small arrows of equal length along the flow. @param {Plot} plot @param {State} state */
function field(plot, state) {
  const key = `field ${state.law} ${state.dimension} ${state.depth} ${plot.scales}`;
  return remember(key, () => {
    const law = make_law(lawName(state));
    const [right, bottom] = [plot.x.range()[1], plot.y.range()[0]];
    const xs = [];
    const ys = [];
    for (let px = plot.margin.left + 16; px < right; px += 32)
      for (let py = plot.margin.top + 14; py < bottom; py += 30) {
        const [x, y] = [plot.x.invert(px), plot.y.invert(py)];
        const [norm, angle] = state.coordinates === "polar" ? [x, y] : [Math.hypot(x, y), Math.atan2(y, x)];
        const rate = polar_field(law, norm, angle, state.depth);
        const [ahead, up] = place(state, norm + 1e-4 * rate.norm, angle + 1e-4 * rate.angle);
        const turn = Math.atan2(plot.y(up) - py, plot.x(ahead) - px);
        const tip = [px + 6 * Math.cos(turn), py + 6 * Math.sin(turn)];
        const wing = (/** @type {number} */ by) => [tip[0] - 4 * Math.cos(turn + by), tip[1] - 4 * Math.sin(turn + by)];
        for (const [qx, qy] of [[px - 6 * Math.cos(turn), py - 6 * Math.sin(turn)], tip, wing(0.5), tip, wing(-0.5), [Number.NaN, Number.NaN]]) {
          xs.push(plot.x.invert(qx));
          ys.push(plot.y.invert(qy));
        }
      }
    return { xs, ys };
  });
}

/** @type {PanelDefinition} */
export const portrait = {
  name: "portrait",
  label: "Phase portrait of the vector, with its path",
  height: 270,
  title({ state, runs }) {
    const run = runs.main;
    if (!run) return "The vector and its path";
    const norms = values(run, "norm");
    const low = Math.min(...norms);
    if (low > 0.999 * state.norm) return "The norm only grows";
    return `Wrong vectors shrink first: the norm falls from ${words(state.norm)} to ${words(low)}, then grows${norms[norms.length - 1] > low ? ` to ${words(norms[norms.length - 1])}` : ""}`;
  },
  draw(plot, { state, runs, index, set }) {
    const edge = extent(state);
    const polar = state.coordinates === "polar";
    plot.frame(polar
      ? { x: { domain: [0, edge], label: "norm" }, y: { domain: [0, Math.PI], label: "angle to the teacher", values: [0, 1, 2, 3] } }
      : { x: { domain: [-edge, edge], label: "along the teacher" }, y: { domain: [0, edge], label: "across", ticks: 5 } });
    const [arrows, others, rest] = [field(plot, state), orbits(state), nullcline(state)];
    plot.curve("field", arrows.xs, arrows.ys, "ttl-ink ttl-thin ttl-faint");
    plot.curve("orbits", others.xs, others.ys, "ttl-network ttl-thin ttl-faint");
    plot.curve("nullcline", rest.xs, rest.ys, "ttl-limit ttl-dash");
    const middle = polar ? 90 : 110;
    plot.label("nullcline name", rest.xs[middle], rest.ys[middle], "here the norm rests", { className: "ttl-fill-limit", anchor: "end", dx: 20, dy: -8 });
    const run = runs.main;
    if (run) drawPath(plot, state, run, index);
    if (!polar) arrow(plot, "start arrow", place(state, state.norm, state.angle), "network");
    const [x, y] = place(state, state.norm, state.angle);
    const move = (/** @type {number} */ toX, /** @type {number} */ toY) => {
      const norm = polar ? toX : Math.hypot(toX, toY);
      set({ norm: Math.min(edge, Math.max(0.02, norm)), angle: Math.max(0.001, polar ? toY : Math.atan2(toY, toX)) });
    };
    plot.handles.place("start", "start", {
      x, y, axis: "xy", low: polar ? 0.02 : -edge, high: edge, lowY: 0, highY: polar ? Math.PI : edge, step: 0.05,
      label: "Start of the vector, four arrow keys", text: `norm ${words(state.norm)}, ${words(state.angle)} rad from the teacher`, move,
    });
  },
};

/**
 * @param {Plot} plot
 * @param {State} state
 * @param {import("../../engines/types").Trajectory} run
 * @param {number} index
 */
function drawPath(plot, state, run, index) {
  const [norms, angles] = [values(run, "norm"), values(run, "angle")];
  const at = Math.min(index, norms.length - 1);
  const at_x = (/** @type {number} */ i) => place(state, norms[i], angles[i])[0];
  const at_y = (/** @type {number} */ i) => place(state, norms[i], angles[i])[1];
  const [left, right] = plot.x.domain();
  const path = pathOnce(run, `path ${state.coordinates}`, [left, right], () => [norms.map((_, i) => at_x(i)), norms.map((_, i) => at_y(i))]);
  plot.curve("path", path.xs, path.ys, "ttl-network ttl-thick");
  const [x, y] = [at_x(at), at_y(at)];
  const inside = x >= left && x <= right && y <= plot.y.domain()[1];
  if (inside) plot.dot("now", x, y, 5.5, "ttl-fill-page ttl-network");
  else plot.label("gone", right, 0, `norm ${words(norms[at])} ▸`, { className: "ttl-fill-network", anchor: "end", dx: -6, dy: -10 });
}

/** @type {PanelDefinition} */
export const boundary = {
  name: "boundary",
  label: "Points of the data and the decision boundary",
  height: 270,
  title({ runs, index }) {
    const run = runs.main;
    if (!run) return "The data and the boundary";
    const at = Math.min(index, run.times.length - 1);
    const share = (100 * values(run, "angle")[at]) / Math.PI;
    if (values(run, "log_half_angle")[at] === -Infinity) return "The boundary is exactly the teacher's";
    return share > 0.01
      ? `At this moment ${words(share)} % of the data are on the wrong side (hollow)`
      : `The boundary stands: one point in ${power(Math.log10(Math.PI) - logAngle(values(run, "log_half_angle")[at]))} is on the wrong side`;
  },
  draw(plot, { state, runs, index }) {
    const half = spread(state);
    const wide = square(plot, half);
    const run = runs.main;
    const at = Math.min(index, (run?.times.length ?? 1) - 1);
    const [norm, angle] = run ? [values(run, "norm")[at], values(run, "angle")[at]] : [state.norm, state.angle];
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    scatter(state, POINTS).forEach(([px, py], i) => {
      if (Math.abs(px) > wide || Math.abs(py) > half) return;
      const colour = px > 0 ? "target" : "other";
      const wrong = px > 0 !== px * x + py * y > 0;
      plot.dot(`point ${i}`, px, py, wrong ? 3.2 : 2.6, wrong ? `ttl-fill-page ttl-${colour}` : `ttl-fill-${colour}`);
    });
    plot.segment("teacher", [0, -half], [0, half], "ttl-rule ttl-ink ttl-dots");
    const far = 2 * (half + wide);
    const side = (/** @type {string} */ key, /** @type {number} */ shift, /** @type {string} */ look) =>
      plot.segment(key, [shift * x - far * y, shift * y + far * x], [shift * x + far * y, shift * y - far * x], look);
    side("boundary", 0, "ttl-curve ttl-network ttl-thick");
    if (norm > 0) for (const sign of [-1, 1]) side(`band ${sign}`, sign / norm, "ttl-rule ttl-network ttl-dash");
    arrow(plot, "vector", [0.42 * half * x, 0.42 * half * y], "network");
    plot.label("band name", -wide, half, "points between the dashed lines pull", { dx: 6, dy: 14 });
  },
};
