// @ts-check
/**
 * The verdict on a parameter, by the classification theorem and not by eigenvalues, so that it also
 * holds where no Hessian exists.
 */
import { boundary_jumps, missing_hessian } from "./relu_curvature.js";
import { neuron_types, ReluLoss } from "./relu_network.js";
import { critical_levels, zigzag } from "./zigzag.js";

/** @import {Neuron, Problem} from "./relu_network.js" */
/** @import {First} from "./zigzag.js" */

/**
 * @typedef {object} Classification
 * @property {"not critical" | "global minimum" | "local minimum" | "saddle"} kind
 * @property {number} loss
 * @property {number} gradient_norm
 * @property {number | null} level breakpoints of the function at a critical point that is not global
 * @property {First | null} first
 * @property {number | null} morse_index null where no Hessian exists
 * @property {boolean} strict the Hessian, or a one-sided one, has a negative direction
 * @property {number | null} decrease_order p when the loss falls by order distance^p
 * @property {string[]} reasons in words
 */

/**
 * Decide what a parameter is.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {number} [tolerance] relative; 1e-9 suits constructed points, ends of descent need 1e-4
 * @returns {Classification}
 */
export function classify(problem, parameters, tolerance = 1e-9) {
  const n = (parameters.length - 1) / 3;
  const exact = new ReluLoss(problem, n);
  const loss = exact.evaluate(parameters);
  const { gradient } = exact;
  const length = problem.right - problem.left;
  const plateau = (problem.slope ** 2 * length ** 3) / 12;
  /** @type {Classification} */
  const verdict = {
    kind: "not critical",
    loss,
    gradient_norm: Math.hypot(...gradient),
    level: null,
    first: null,
    morse_index: null,
    strict: false,
    decrease_order: null,
    reasons: ["the gradient is not zero"],
  };
  const scale = gradient_scale(problem, parameters, exact);
  if (!(Math.max(...gradient.map(Math.abs)) <= tolerance * Math.max(scale, 1e-300))) return verdict;
  if (problem.slope === 0) {
    const reasons = ["with a constant target every critical point is a global minimum"];
    return { ...verdict, kind: "global minimum", reasons };
  }
  if (loss <= (tolerance * problem.slope) ** 2 * length ** 3 + 1e-28 * plateau) {
    return { ...verdict, kind: "global minimum", reasons: ["the residual is zero"] };
  }
  return by_theorem(problem, parameters, tolerance, verdict);
}

/**
 * The verdict on a point whose gradient is small and whose loss is not.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {number} tolerance
 * @param {Classification} verdict what is known
 * @returns {Classification}
 */
function by_theorem(problem, parameters, tolerance, verdict) {
  const neurons = neuron_types(problem, parameters, tolerance);
  const { level, first } = nearest_level(problem, neurons, verdict.loss);
  const misfit = theorem_misfit(problem, parameters, neurons, level, first);
  if (misfit > tolerance * 10 * (level + 2) ** 4) {
    const miss = `level ${level} is missed by ${misfit.toPrecision(2)}`;
    return { ...verdict, reasons: [`the gradient is small but no critical point is near: ${miss}`] };
  }
  const causes = ways_down(problem, parameters, neurons, level);
  const morse_index = theorem_index(problem, parameters, neurons);
  if (causes.length === 0) {
    const reasons = ["every neuron is dead, or semi-inactive with the sign that keeps it dead"];
    return { ...verdict, kind: "local minimum", level: 0, first: "right", morse_index, reasons };
  }
  return {
    ...verdict,
    kind: "saddle",
    level,
    first,
    morse_index,
    strict: causes.some((cause) => cause.strict),
    decrease_order: Math.min(...causes.map((cause) => cause.order)),
    reasons: causes.map((cause) => cause.reason),
  };
}

/**
 * The size a gradient has here unless something cancels.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {ReluLoss} exact after it was evaluated there
 * @returns {number}
 */
function gradient_scale(problem, parameters, exact) {
  const length = problem.right - problem.left;
  const sizes = exact.residuals.slice(0, exact.cells + 1).map(Math.abs);
  const height = Math.max(...sizes, Math.abs(problem.slope) * length);
  const all = Array.from(parameters, Math.abs);
  return height * length * Math.max(1, Math.abs(problem.left), Math.abs(problem.right), ...all);
}

/**
 * The critical level whose loss is nearest, within the family of the first breakpoint.
 *
 * @param {Problem} problem
 * @param {Neuron[]} neurons
 * @param {number} loss
 */
function nearest_level(problem, neurons, loss) {
  const bent = neurons.filter((neuron) => neuron.kinked);
  const solid = bent.some((neuron) => !neuron.flat) ? bent.filter((neuron) => !neuron.flat) : bent;
  const place = (/** @type {Neuron} */ neuron) => neuron.breakpoint ?? 0;
  /** @type {First} */
  let first = "right";
  if (solid.length > 0) {
    const leftmost = solid.reduce((a, b) => (place(b) < place(a) ? b : a));
    first = leftmost.kind === "right-oriented" ? "right" : "left";
  }
  const levels = critical_levels(problem, neurons.length);
  const family = levels.filter((level) => level.first === first || level.level === 0);
  const apart = (/** @type {{loss: number}} */ level) => Math.abs(Math.log(loss / level.loss));
  return (family.length > 0 ? family : levels).reduce((a, b) => (apart(b) < apart(a) ? b : a));
}

/**
 * Largest violation of the theorem's conditions, in units of the interval and the slope.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {Neuron[]} neurons
 * @param {number} level
 * @param {First} first
 * @returns {number} 0 at a critical point; Infinity when an orientation is wrong
 */
function theorem_misfit(problem, parameters, neurons, level, first) {
  const n = neurons.length;
  const shape = zigzag(problem, level, first);
  const length = problem.right - problem.left;
  const units = Math.abs(problem.slope) * length;
  const sums = new Float64Array(level);
  let worst = Math.abs(parameters[3 * n] - shape.output_bias) / units;
  for (let j = 0; j < n; j++) {
    const { kind, kinked, breakpoint } = neurons[j];
    const [w, b, v] = [parameters[j], parameters[n + j], parameters[2 * n + j]];
    if (kinked) {
      if (level === 0 || breakpoint === null) return Infinity;
      const apart = shape.breakpoints.map((place) => Math.abs(place - breakpoint));
      const site = apart.indexOf(Math.min(...apart));
      if (Math.sign(w) !== shape.orientations[site]) return Infinity;
      worst = Math.max(worst, apart[site] / length);
      sums[site] += v * w;
    } else if (kind === "affine" || kind === "affine-negative") {
      const reach = Math.abs(w) * length + Math.abs(b);
      worst = Math.max(worst, (Math.abs(w) * length) / reach, (Math.abs(v) * reach) / units);
    } else if (kind === "degenerate" && problem.leak > 0) {
      worst = Math.max(worst, Math.abs(v) / units);
    }
  }
  shape.weight_sums.forEach((sum, i) => {
    worst = Math.max(worst, Math.abs(sums[i] - sum) / Math.max(Math.abs(sum), 1e-300));
  });
  return worst;
}

/**
 * Causes for being a saddle.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {Neuron[]} neurons
 * @param {number} level
 * @returns {{order: number, strict: boolean, reason: string}[]}
 */
function ways_down(problem, parameters, neurons, level) {
  const causes = [];
  if (level > 0) {
    const reason = `zig-zag with ${level} breakpoints: negative curvature in the kinked neurons`;
    causes.push({ order: 2, strict: true, reason });
  }
  neurons.forEach((neuron, j) => {
    const v = parameters[2 * neurons.length + j];
    const name = `neuron ${j + 1}`;
    if (neuron.kind === "degenerate") {
      const reason = `${name} is degenerate${neuron.flat ? " and flat" : ""}: no Hessian`;
      causes.push({ order: neuron.flat ? 2 : 1, strict: false, reason });
    } else if (neuron.constant && neuron.kind.startsWith("affine")) {
      const reason = `${name} is constant and flat: negative curvature`;
      causes.push({ order: 2, strict: true, reason });
    } else if (neuron.semi_inactive && neuron.flat) {
      const reason = `${name} is semi-inactive and flat: the loss falls by order 3 only`;
      causes.push({ order: 3, strict: false, reason });
    } else if (neuron.semi_inactive) {
      // The residual has the slope's sign at the left end and the other sign at the right end.
      const sign = neuron.kind === "semi-inactive left" ? 1 : -1;
      if (sign * problem.slope * v >= 0) return;
      const reason = `${name} is semi-inactive with the wrong sign: one-sided curvature`;
      causes.push({ order: 2, strict: true, reason });
    }
  });
  return causes;
}

/**
 * Kinked neurons with slope v w > 0, plus flat constant ones; null where no Hessian exists.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {Neuron[]} neurons
 * @returns {number | null}
 */
function theorem_index(problem, parameters, neurons) {
  const n = neurons.length;
  if (neurons.some((neuron) => neuron.kind === "degenerate")) return null;
  if (missing_hessian(problem, parameters).reason) return null;
  const edge = neurons.some((neuron) => neuron.semi_inactive && !neuron.flat);
  if (edge && boundary_jumps(problem, parameters).length > 0) return null;
  return neurons.filter((neuron, j) => {
    const pulls = problem.slope * parameters[2 * n + j] * parameters[j] > 0;
    const kink = neuron.kinked && !neuron.flat && pulls;
    return kink || (neuron.constant && neuron.kind.startsWith("affine"));
  }).length;
}
