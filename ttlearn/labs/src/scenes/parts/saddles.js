/** What the labs of the saddle part say and draw in common. */

import { classify } from "../../engines/relu_classify.js";
import { hessian, missing_hessian } from "../../engines/relu_curvature.js";
import { symmetric_eigen } from "../../engines/eigen.js";
import { make_problem, neuron_types, relu_network, residual } from "../../engines/relu_network.js";
import { words } from "../../shell/format.js";

/** @import {Problem, Neuron} from "../../engines/relu_network.js" */
/** @import {Classification} from "../../engines/relu_classify.js" */
/** @import {State} from "../../shell/types" */
/** @import {Plot} from "../../shell/plot.js" */

/** @param {State} state */
export function problemOf(state) {
  return make_problem({ leak: state.activation === "leaky" ? state.leak : 0 });
}

/**
 * ReLU has an even number of kinks, the first one open to the right.
 * @param {State} state changed in place
 * @param {State} before
 * @param {number} [least]
 * @returns {string} a note, "" when nothing was to be done
 */
export function tidySaddle(state, before, least = 0) {
  if (state.activation !== "relu") return "";
  state.first = "right";
  if (state.level % 2 === 0) return "";
  const down = state.level < before.level && state.level > least;
  state.level += down ? -1 : 1;
  return `ReLU has saddles with an even number of kinks only: ${state.level} were taken.`;
}

/**
 * The steps at which a run is saved, as ttlearn.dynamics.evenly_spaced_steps.
 * @param {number} steps
 * @param {number} keep
 */
export function evenSteps(steps, keep) {
  const intervals = Math.min(keep - 1, steps);
  return Array.from({ length: intervals + 1 }, (_, i) => Math.floor((2 * i * steps + intervals) / (2 * intervals)));
}

/**
 * The verdict in a few words, "saddle n = 2, index 2, strict".
 * @param {Problem} problem
 * @param {Classification} verdict
 */
export function verdictWords(problem, { kind, level, first, morse_index, strict, gradient_norm }) {
  if (kind === "not critical") return `not critical, gradient ${words(gradient_norm, 2)}`;
  if (kind !== "saddle") return kind;
  const family = problem.leak > 0 && level ? `, first to the ${first}` : "";
  const index = morse_index === null ? "" : `, index ${morse_index}`;
  return `saddle ${problem.leak > 0 ? "m" : "n"} = ${level}${family}${index}, ${strict ? "strict" : "not strict"}`;
}

/** A neuron in words. @param {Neuron} neuron */
export function neuronWords({ kind, flat, constant }) {
  const name = kind === "inactive" ? "dead" : constant && kind === "affine" ? "constant" : kind;
  return flat ? `${name}, flat` : name;
}

/**
 * Eigenvalues with their vectors, of the one-sided Hessians where there is no Hessian.
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 */
export function curvature(problem, parameters) {
  const { reason, one_sided } = missing_hessian(problem, parameters);
  if (!reason) return { reason, main: symmetric_eigen(hessian(problem, parameters)), other: null };
  if (!one_sided) return { reason, main: null, other: null };
  const [main, other] = /** @type {const} */ (["inside", "outside"]).map((side) => symmetric_eigen(hessian(problem, parameters, side)));
  return { reason, main, other };
}

/**
 * The most negative curvature and the next one, with unit directions whose first largest entry is positive.
 * @param {Problem} problem
 * @param {ArrayLike<number>} point
 */
export function escapePlane(problem, point) {
  const { values, vectors } = symmetric_eigen(hessian(problem, point));
  return { values: [values[0], values[1]], directions: [positive(vectors[0]), positive(vectors[1])] };
}

/** @param {Float64Array} vector */
function positive(vector) {
  const most = Math.max(...vector.map(Math.abs));
  // Symmetric saddles have entries of equal size: rounding must not choose among them.
  const entry = vector.find((x) => Math.abs(x) > (1 - 1e-6) * most) ?? 1;
  return vector.map((x) => x * Math.sign(entry));
}

/** @param {number[]} weights @param {number[]} biases @param {number[]} outer @param {number} c */
export function flat(weights, biases, outer, c) {
  return [...weights, ...biases, ...outer, c];
}

/**
 * Ends of the interval and kinks inside it, ascending.
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 */
export function knots(problem, parameters) {
  const inside = neuron_types(problem, parameters).filter((neuron) => neuron.kinked);
  const places = inside.map((neuron) => neuron.breakpoint ?? problem.left);
  return [problem.left, ...places.sort((a, b) => a - b), problem.right];
}

/**
 * Corner points of the network and of its residual.
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 */
export function corners(problem, parameters) {
  const xs = knots(problem, parameters);
  return { xs, network: xs.map((x) => relu_network(problem, parameters, x)), residual: xs.map((x) => residual(problem, parameters, x)) };
}

/**
 * Network against target on the interval.
 * @param {Plot} plot
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {[number, number]} [domain]
 */
export function drawFunction(plot, problem, parameters, domain = [0, 1]) {
  const { xs, network } = corners(problem, parameters);
  const values = network.filter(Number.isFinite);
  // In wide steps: a scale that follows every move would run away under a dragged handle.
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const low = least < -0.12 ? Math.floor(2 * least - 0.1) / 2 : -0.15;
  const high = most > 1.1 ? Math.ceil(2 * most + 0.1) / 2 : 1.15;
  plot.frame({ x: { domain, label: "x" }, y: { domain: [low, high], ticks: 5 } });
  plot.curve("target", [0, 1], [0, 1], "ttl-target ttl-broad");
  plot.label("target name", 1, 1, "target", { className: "ttl-fill-target", anchor: "end", dx: -16, dy: 0 });
  plot.curve("network", xs, network, "ttl-network");
  xs.slice(1, -1).forEach((x, i) => plot.dot(`kink ${i}`, x, network[i + 1], 4, "ttl-fill-page ttl-network"));
}

/** Signed logarithm: 0 in the middle, decades from 1/1000 on both sides. @param {number} value */
export function signedLog(value) {
  return Math.sign(value) * Math.log10(1 + Math.abs(value) * 1000);
}

/** The verdict on a point, tolerant where it was reached by descent. @param {Problem} problem @param {ArrayLike<number>} parameters @param {boolean} reached */
export function judge(problem, parameters, reached) {
  return classify(problem, parameters, reached ? 1e-4 : 1e-9);
}
