/** Panels of the atlas with handles: the network, its residual, its weights. */

import { words } from "../../shell/format.js";
import { view } from "./atlas_view.js";
import { drawFunction, neuronWords, verdictWords } from "./saddles.js";

/** @import {PanelDefinition, State} from "../../shell/types" */
/** @import {ZigZag} from "../../engines/zigzag.js" */

const SHOWN = /** @type {[number, number]} */ ([-0.2, 1.2]); // kinks can be dragged out of the interval
const NEAR_PLACE = 0.006;
const NEAR_WEIGHT = 0.02;

/**
 * The one of `targets` that is near, else the value itself.
 * @param {number} value
 * @param {number[]} targets
 * @param {number} near
 */
export function snap(value, targets, near) {
  return targets.find((target) => Math.abs(value - target) < near) ?? value;
}

/** The state with the kink of neuron j at `place`. @param {State} state @param {number} j @param {number} place */
function withKink(state, j, place) {
  return { biases: state.biases.with(j, -state.inner_weights[j] * place + 0) };
}

/** The outer weight with which neuron j completes the zig-zag; none where it has no part in it. @param {State} state @param {ZigZag} ideal @param {number} j */
function completing(state, ideal, j) {
  const place = (/** @type {number} */ i) => -state.biases[i] / state.inner_weights[i];
  const site = ideal.breakpoints.findIndex((q) => Math.abs(q - place(j)) < 1e-9);
  if (site < 0) return [0];
  let rest = ideal.weight_sums[site];
  state.inner_weights.forEach((/** @type {number} */ w, /** @type {number} */ i) => {
    if (i !== j && Math.abs(place(i) - ideal.breakpoints[site]) < 1e-9) rest -= w * state.outer_weights[i];
  });
  return [rest / state.inner_weights[j], 0];
}

/** @type {PanelDefinition} */
export const functionPanel = {
  name: "function",
  label: "The network and the target, with the kinks of the neurons",
  height: 250,
  title(frame) {
    const { problem, verdict } = view(frame);
    const text = verdictWords(problem, verdict);
    return `${text[0].toUpperCase()}${text.slice(1)}`;
  },
  draw(plot, frame) {
    const { problem, parameters, ideal } = view(frame);
    const { state } = frame;
    drawFunction(plot, problem, parameters, SHOWN);
    const [low, high] = plot.y.domain();
    plot.box("before", [SHOWN[0], 0], [low, high], "ttl-fill-ink ttl-shade");
    plot.box("after", [1, SHOWN[1]], [low, high], "ttl-fill-ink ttl-shade");
    state.inner_weights.forEach((/** @type {number} */ w, /** @type {number} */ j) => {
      if (w === 0) return;
      const place = -state.biases[j] / w;
      const shown = Math.min(SHOWN[1], Math.max(SHOWN[0], place));
      plot.handles.place("kinks", `${j}`, {
        x: shown, y: low, dy: -7, axis: "x", low: SHOWN[0], high: SHOWN[1], step: 0.01, shape: "up", className: w > 0 ? "" : "ttl-handle-other",
        label: `Kink of neuron ${j + 1}, Up and Down for another one`, text: `at ${words(place)}`,
        move: (x) => frame.set(withKink(state, j, snap(x, [...ideal.breakpoints, 0, 1], NEAR_PLACE))),
      });
    });
    plot.handles.place("bias", "bias", {
      x: SHOWN[0], y: state.output_bias, dx: 9, axis: "y", low: -1, high: 2, step: 0.02, shape: "level", className: "ttl-handle-limit",
      label: "Output bias", text: words(state.output_bias), move: (_, y) => frame.set({ output_bias: snap(y, [ideal.output_bias], 0.015) }),
    });
  },
};

/** @type {PanelDefinition} */
export const residualPanel = {
  name: "residual",
  label: "Network minus target",
  height: 250,
  title(frame) {
    const { shape, verdict } = view(frame);
    const pieces = shape.xs.length - 1;
    const worst = Math.max(...shape.xs.slice(1).map((_, i) => Math.abs(shape.residual[i] + shape.residual[i + 1]) / 2));
    if (verdict.loss < 1e-20) return "No residual: the network is the target";
    if (worst < 1e-9) return pieces === 1 ? "Residual: one piece with mean zero" : `Residual: a zig-zag of ${pieces} pieces, each with mean zero`;
    return `Residual: the mean of a piece is off by ${words(worst, 2)}`;
  },
  draw(plot, frame) {
    const { shape, ideal } = view(frame);
    const most = 1.25 * Math.max(0.02, ...shape.residual.map(Math.abs), ...ideal.residuals.map(Math.abs));
    plot.frame({ x: { domain: [0, 1], label: "x" }, y: { domain: [-most, most], ticks: 5 } });
    shape.xs.slice(1).forEach((x, i) => {
      const middle = (x + shape.xs[i]) / 2;
      const mean = (shape.residual[i] + shape.residual[i + 1]) / 2;
      plot.box(`mean ${i}`, [shape.xs[i], x], [0, mean], "ttl-fill-target ttl-shade");
      if (Math.abs(mean) > 1e-9) plot.dot(`mean dot ${i}`, middle, mean, 3, "ttl-fill-target");
    });
    plot.rule("zero", { y: 0 }, "ttl-ink");
    plot.curve("ideal", ideal.knots, ideal.residuals, "ttl-limit ttl-thin ttl-dash");
    plot.curve("residual", shape.xs, shape.residual, "ttl-network");
    shape.xs.slice(1, -1).forEach((x, i) => plot.dot(`kink ${i}`, x, shape.residual[i + 1], 4, "ttl-fill-page ttl-network"));
    plot.label("ideal name", 1, ideal.residuals[ideal.residuals.length - 1], "saddle asked for", { className: "ttl-fill-limit", anchor: "end", dx: -14, dy: ideal.residuals[ideal.residuals.length - 1] < 0 ? 16 : -8 });
  },
};

/** @type {PanelDefinition} */
export const weightsPanel = {
  name: "weights",
  label: "Inner and outer weight of every neuron, and what it is",
  height: 280,
  title(frame) {
    const { neurons } = view(frame);
    const kinked = neurons.filter((neuron) => neuron.kinked).length;
    const dead = neurons.filter((neuron) => neuron.kind === "inactive").length;
    return `${kinked} of ${neurons.length} ${neurons.length === 1 ? "neuron bends" : "neurons bend"} inside the interval${dead ? `, ${dead} dead` : ""}`;
  },
  draw(plot, frame) {
    const { neurons, ideal, parameters } = view(frame);
    const { state } = frame;
    const n = neurons.length;
    const most = Math.max(2.5, ...[...state.inner_weights, ...state.outer_weights].map((x) => Math.ceil(Math.abs(x) + 0.2)));
    plot.frame({ x: { domain: [-most, most], label: "inner weight ●  outer weight ■" }, y: { domain: [n + 0.5, 0.5], values: neurons.map((_, j) => j + 1) }, margin: { left: 30 } });
    plot.rule("zero", { x: 0 }, "ttl-ink");
    neurons.forEach((neuron, j) => {
      const same = neurons.length === state.inner_weights.length;
      if (!same) return;
      plot.label(`kind ${j}`, -most, j + 1, neuronWords(neuron), { dx: 4, dy: -6 });
      plot.dot(`inner now ${j}`, parameters[j], j + 1, 3, "ttl-fill-page ttl-network");
      plot.dot(`outer now ${j}`, parameters[2 * n + j], j + 1, 3, "ttl-fill-page ttl-target");
    });
    state.inner_weights.forEach((/** @type {number} */ w, /** @type {number} */ j) => {
      const v = state.outer_weights[j];
      plot.handles.place("inner weights", `${j}`, {
        x: w, y: j + 1, axis: "x", low: -5, high: 5, step: 0.05,
        label: `Inner weight of neuron ${j + 1}, Up and Down for another one; its kink stays`, text: words(w),
        move: (x) => {
          const next = snap(x, [0, 1, -1], NEAR_WEIGHT);
          // A weight that passes through 0 leaves its kink behind; the bias goes on alone.
          const bias = w !== 0 && next !== 0 ? (state.biases[j] / w) * next : state.biases[j];
          frame.set({ inner_weights: state.inner_weights.with(j, next), biases: state.biases.with(j, Math.max(-6, Math.min(6, bias))) });
        },
      });
      plot.handles.place("outer weights", `${j}`, {
        x: v, y: j + 1, axis: "x", low: -5, high: 5, step: 0.05, shape: "bar", className: "ttl-handle-target",
        label: `Outer weight of neuron ${j + 1}, Up and Down for another one`, text: words(v),
        move: (x) => frame.set({ outer_weights: state.outer_weights.with(j, snap(x, completing(state, ideal, j), NEAR_WEIGHT)) }),
      });
    });
  },
};
