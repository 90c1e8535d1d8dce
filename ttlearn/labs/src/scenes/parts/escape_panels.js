/** Panels of the escape clock. */

import { words } from "../../shell/format.js";
import { clock, counted } from "./escape_view.js";
import { drawFunction } from "./saddles.js";
import { row } from "./steps.js";

/** @import {PanelDefinition} from "../../shell/types" */

const RADIUS = 0.05;
const power = (/** @type {number} */ exponent) => words(10 ** exponent);

/** @type {PanelDefinition} */
export const distancePanel = {
  name: "distance",
  label: "Distance from the saddle over steps, on a logarithmic scale",
  wide: true,
  height: 250,
  title(frame) {
    const { predicted } = clock(frame.state);
    const count = counted(frame);
    if (count === null) return "Distance from the saddle";
    const promise = predicted < 1e7 ? words(Math.round(predicted), 7) : "never";
    return `Predicted: ${promise}. Counted: ${count < 0 ? "not yet" : words(count, 7)}`;
  },
  draw(plot, frame) {
    const { predicted, overlap, factor, count: length } = clock(frame.state);
    const low = 10 ** Math.floor(Math.log10(Math.max(1e-11, Math.min(frame.state.perturbation_size, Math.max(Math.abs(overlap), 1e-11)))));
    plot.frame({ x: { domain: [0, length], label: `steps of size ${words(frame.state.step_size)}` }, y: { domain: [low, 3], log: true, label: "distance" } });
    plot.rule("radius", { y: RADIUS }, "ttl-limit");
    plot.label("radius name", length, RADIUS, "left: 0.05", { className: "ttl-fill-limit", anchor: "end", dx: -4, dy: -5 });
    plot.rule("now", { x: frame.time }, "ttl-now");
    const run = frame.runs.escape;
    if (run) plot.curve("distance", run.times, run.arrays.distance.data, "ttl-network");
    if (overlap !== 0) {
      const end = Math.min(predicted, length);
      plot.curve("clock", [0, end], [Math.abs(overlap), Math.abs(overlap) * factor ** end], "ttl-target ttl-dash");
      if (predicted <= length) plot.dot("predicted", predicted, RADIUS, 7, "ttl-fill-page ttl-target");
    }
    const count = counted(frame);
    if (count !== null && count >= 0) plot.dot("counted", count, RADIUS, 4, "ttl-fill-network");
    plot.label("names", 0, 1, "○ predicted, dashed   ● counted", { dx: 8, dy: 4 });
    if (run) plot.dot("distance now", frame.time, run.arrays.distance.data[Math.min(frame.index, run.times.length - 1)], 4.5, "ttl-fill-network");
  },
};

/** @type {PanelDefinition} */
export const clockPanel = {
  name: "clock",
  label: "Steps until it has left, against the size of the push",
  height: 260,
  title(frame) {
    const { factor } = clock(frame.state);
    return `Ten times closer costs ${words(Math.log(10) / Math.log(factor), 3)} steps, wherever you are`;
  },
  draw(plot, frame) {
    const { factor, overlap, predicted } = clock(frame.state);
    const { perturbation_size } = frame.state;
    const share = overlap === 0 ? 1 : Math.abs(overlap) / perturbation_size;
    const at = (/** @type {number} */ exponent) => Math.log(RADIUS / (share * 10 ** exponent)) / Math.log(factor);
    const exponent = Math.log10(perturbation_size);
    plot.frame({
      x: { domain: [-9, -1.6], label: "size of the push", values: [-9, -8, -7, -6, -5, -4, -3, -2].filter((e) => plot.width > 330 || e % 2 === 0), format: power },
      y: { domain: [0, 1.1 * at(-9)], label: "steps", ticks: 5 },
    });
    if (overlap !== 0) plot.curve("line", [-9, -1.6], [at(-9), at(-1.6)], "ttl-target ttl-dash");
    if (overlap !== 0) plot.dot("predicted", exponent, predicted, 7, "ttl-fill-page ttl-target");
    const count = counted(frame);
    if (count !== null && count >= 0) plot.dot("counted", exponent, count, 4, "ttl-fill-network");
    plot.handles.place("size", "size", {
      x: exponent, y: 0, dy: -7, axis: "x", low: -9, high: Math.log10(0.02), step: 0.1, shape: "up",
      label: "Size of the push", text: words(perturbation_size), move: (x) => frame.set({ perturbation_size: Number((10 ** x).toPrecision(4)) }),
    });
  },
};

/** @type {PanelDefinition} */
export const dialPanel = {
  name: "dial",
  label: "The push and the path in the plane of the two lowest curvatures",
  height: 260,
  title(frame) {
    const { angle } = frame.state;
    const share = Math.abs(Math.cos((angle / 180) * Math.PI));
    if (share < 1e-9) return "Exactly across: nothing of the push goes the steepest way";
    return `${words(100 * share, 3)} % of the push goes the steepest way down`;
  },
  draw(plot, frame) {
    const { point, directions, second } = clock(frame.state);
    const margin = Math.max(0, plot.width - 74 - 214) / 2;
    plot.frame({
      x: { domain: [-1.5, 1.5], label: "steepest way down", values: [-1, 0, 1] },
      y: { domain: [-1.5, 1.5], label: second < -1e-9 ? "second way down" : "a flat way", values: [-1, 0, 1] },
      margin: { left: 60 + margin, right: 14 + margin },
    });
    const turns = Array.from({ length: 73 }, (_, i) => (i / 36) * Math.PI);
    plot.curve("circle", turns.map(Math.cos), turns.map(Math.sin), "ttl-limit ttl-thin");
    plot.label("circle name", 0, -1, "distance 0.05", { className: "ttl-fill-limit", anchor: "middle", dy: 14 });
    const run = frame.runs.escape;
    if (run && run.arrays.parameters.shape[1] === point.length) {
      const part = (/** @type {ArrayLike<number>} */ parameters, /** @type {Float64Array} */ way) => way.reduce((sum, u, i) => sum + u * (parameters[i] - point[i]), 0) / RADIUS;
      const rows = Array.from(run.times, (_, k) => row(run, "parameters", k));
      const [xs, ys] = directions.map((way) => rows.map((p) => part(p, way)));
      plot.curve("path", xs, ys.map((y, k) => (Math.abs(xs[k]) > 1.5 ? Number.NaN : y)), "ttl-network ttl-thick");
      const current = rows[Math.min(frame.index, rows.length - 1)];
      const [x, y] = [part(current, directions[0]), part(current, directions[1])];
      if (Math.max(Math.abs(x), Math.abs(y)) < 1.5) plot.dot("now", x, y, 5, "ttl-fill-network");
    }
    plot.dot("saddle", 0, 0, 3, "ttl-fill-ink");
    const turn = (frame.state.angle / 180) * Math.PI;
    const [x, y] = [Math.cos(turn), Math.sin(turn)];
    plot.segment("push", [0, 0], [x, y], "ttl-rule ttl-target ttl-dash");
    plot.handles.place("direction", "direction", {
      x, y, axis: "xy", low: -1.5, high: 1.5, step: 0.02, className: "ttl-handle-target",
      label: "Direction of the push, four arrow keys", text: `${words(frame.state.angle)} degrees`,
      move: (toX, toY) => {
        // Along the radius nothing would turn: there Left and Right turn the push as Down and Up do.
        const turned = Math.abs(toY - y) < 1e-9 && Math.abs(y) < 0.05 ? y - (toX - x) : toY;
        if (Math.hypot(toX, turned) > 0.05) frame.set({ angle: Number(((Math.atan2(turned, toX) * 180) / Math.PI).toFixed(1)) });
      },
    });
  },
};

/** @type {PanelDefinition} */
export const networkPanel = {
  name: "network",
  label: "The network and the target",
  wide: true,
  height: 210,
  title(frame) {
    const run = frame.runs.escape;
    if (!run?.losses) return "The network";
    return `At step ${words(frame.time, 6)} the loss is ${words(run.losses[Math.min(frame.index, run.times.length - 1)])}`;
  },
  draw(plot, frame) {
    const { problem, point } = clock(frame.state);
    const run = frame.runs.escape;
    const fits = run && run.arrays.parameters.shape[1] === point.length;
    drawFunction(plot, problem, fits ? row(run, "parameters", Math.min(frame.index, run.times.length - 1)) : point);
  },
};
