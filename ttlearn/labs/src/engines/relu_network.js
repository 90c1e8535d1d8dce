// @ts-check
/**
 * A shallow ReLU or leaky ReLU network f(x) = c + sum_j v_j sigma(w_j x + b_j) against an affine
 * target on an interval: exact loss and generalised gradient by a sweep over the cells between
 * breakpoints, and what each neuron is. Parameters are flat: all w, all b, all v, then c.
 */
import { finite_array, number_in, refuse } from "./checks.js";

/**
 * @typedef {object} Problem
 * @property {number} left end of the interval
 * @property {number} right end
 * @property {number} slope of the target
 * @property {number} intercept of the target
 * @property {number} leak slope of sigma on the negative side, in [0, 1); 0 is ReLU
 */

/**
 * The problem with what was left out: [0, 1], target x, ReLU.
 *
 * @param {Partial<Problem>} [given]
 * @returns {Problem}
 */
export function make_problem(given = {}) {
  const problem = { left: 0, right: 1, slope: 1, intercept: 0, leak: 0, ...given };
  for (const [name, value] of Object.entries(problem)) number_in(name, value, -1e6, 1e6);
  if (!(problem.left < problem.right)) {
    refuse("left", problem.left, `a number below right, which is ${problem.right}`);
  }
  if (!(problem.leak >= 0 && problem.leak < 1)) {
    refuse("leak", problem.leak, "a number from 0 to below 1, where the network becomes affine");
  }
  return problem;
}

/**
 * Parameters of a network with at least one neuron, copied.
 *
 * @param {unknown} parameters
 * @param {string} [name]
 * @returns {Float64Array}
 */
export function check_parameters(parameters, name = "parameters") {
  const copy = finite_array(name, parameters);
  if (copy.length < 4 || copy.length % 3 !== 1) {
    refuse(name, parameters, "3 N + 1 numbers: all w, all b, all v, then c");
  }
  return copy;
}

/**
 * The mean of the target over the interval.
 *
 * @param {Problem} problem
 * @returns {number}
 */
export function mean_target({ left, right, slope, intercept }) {
  return (slope * (left + right)) / 2 + intercept;
}

/**
 * The network's value at x.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {number} x
 * @returns {number}
 */
export function relu_network(problem, parameters, x) {
  const n = (parameters.length - 1) / 3;
  let sum = parameters[3 * n];
  for (let j = 0; j < n; j++) {
    const y = parameters[j] * x + parameters[n + j];
    sum += parameters[2 * n + j] * (y > 0 ? y : problem.leak * y);
  }
  return sum;
}

/**
 * Network minus target at x.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {number} x
 * @returns {number}
 */
export function residual(problem, parameters, x) {
  return relu_network(problem, parameters, x) - (problem.slope * x + problem.intercept);
}

/** The loss of one problem and width, with the memory it needs. */
export class ReluLoss {
  /**
   * @param {Problem} problem
   * @param {number} neurons N
   */
  constructor(problem, neurons) {
    this.problem = problem;
    this.neurons = neurons;
    this.gradient = new Float64Array(3 * neurons + 1);
    /** ends of the cells and the residual there; `cells` of them are in use */
    this.ends = new Float64Array(neurons + 2);
    this.residuals = new Float64Array(neurons + 2);
    this.jumps = new Float64Array(neurons + 2);
    this.cells = 1;
  }

  /**
   * Cut the interval at the breakpoints. The residual follows by its cumulated slope, which stays
   * right where breakpoints coincide.
   *
   * @param {ArrayLike<number>} parameters
   */
  cut(parameters) {
    const { problem, neurons: n, ends, residuals, jumps } = this;
    const { left, right, leak } = problem;
    let count = 1;
    let slope = -problem.slope;
    let value = parameters[3 * n] - (problem.slope * left + problem.intercept);
    ends[0] = left;
    for (let j = 0; j < n; j++) {
      const [w, b, v] = [parameters[j], parameters[n + j], parameters[2 * n + j]];
      const y = w * left + b;
      const share = (y !== 0 ? y > 0 : w > 0) ? 1 : leak;
      value += v * share * y;
      slope += v * w * share;
      const place = -b / w;
      if (!(w !== 0 && place > left && place < right)) continue;
      let k = count++;
      for (; k > 1 && ends[k - 1] > place; k--) {
        ends[k] = ends[k - 1];
        jumps[k] = jumps[k - 1];
      }
      ends[k] = place;
      jumps[k] = v * Math.abs(w) * (1 - leak);
    }
    ends[count] = right;
    this.cells = count;
    residuals[0] = value;
    for (let k = 1; k <= count; k++) {
      residuals[k] = residuals[k - 1] + slope * (ends[k] - ends[k - 1]);
      slope += jumps[k];
    }
  }

  /**
   * The loss; a sum of terms that are not negative, accurate down to the smallest numbers.
   *
   * @param {ArrayLike<number>} parameters
   * @returns {number}
   */
  loss(parameters) {
    this.cut(parameters);
    const { ends, residuals: r } = this;
    let loss = 0;
    for (let k = 0; k < this.cells; k++) {
      loss += (ends[k + 1] - ends[k]) * (r[k] * r[k] + r[k] * r[k + 1] + r[k + 1] * r[k + 1]);
    }
    return loss / 3;
  }

  /**
   * The loss; `this.gradient` receives the generalised gradient.
   *
   * @param {ArrayLike<number>} parameters
   * @returns {number}
   */
  evaluate(parameters) {
    const loss = this.loss(parameters);
    const { problem, neurons: n, gradient, ends, residuals } = this;
    gradient.fill(0);
    for (let k = 0; k < this.cells; k++) {
      const length = ends[k + 1] - ends[k];
      const middle = (ends[k] + ends[k + 1]) / 2;
      const mass = (length * (residuals[k] + residuals[k + 1])) / 2;
      const moment = (length * length * (residuals[k + 1] - residuals[k])) / 12;
      gradient[3 * n] += 2 * mass;
      for (let j = 0; j < n; j++) {
        // At the middle of the cell, never at its ends; and sigma there before it is weighed,
        // since w int x r + b int r cancels near a breakpoint.
        const y = parameters[j] * middle + parameters[n + j];
        const share = y > 0 ? 2 : 2 * problem.leak;
        gradient[j] += share * (middle * mass + moment);
        gradient[n + j] += share * mass;
        gradient[2 * n + j] += share * (y * mass + parameters[j] * moment);
      }
    }
    for (let j = 0; j < n; j++) {
      gradient[j] *= parameters[2 * n + j];
      gradient[n + j] *= parameters[2 * n + j];
    }
    return loss;
  }
}

/**
 * Loss and generalised gradient, for a single call.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @returns {{loss: number, gradient: Float64Array}}
 */
export function relu_loss(problem, parameters) {
  const exact = new ReluLoss(problem, (parameters.length - 1) / 3);
  const loss = exact.evaluate(parameters);
  return { loss, gradient: exact.gradient };
}

/**
 * @typedef {"degenerate" | "inactive" | "semi-inactive left" | "semi-inactive right" | "affine" |
 *   "affine-negative" | "right-oriented" | "left-oriented"} Kind
 * @typedef {object} Neuron
 * @property {Kind} kind
 * @property {boolean} flat v = 0
 * @property {boolean} constant w = 0 and b not 0
 * @property {boolean} kinked its breakpoint lies strictly inside the interval
 * @property {boolean} semi_inactive
 * @property {number | null} breakpoint -b / w, also outside; null when w = 0
 */

/**
 * What every neuron is, from w left + b and w right + b.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {number} [tolerance] two numbers are equal within tolerance * max(1, |w|, |b|)
 * @returns {Neuron[]}
 */
export function neuron_types(problem, parameters, tolerance = 1e-12) {
  const n = (parameters.length - 1) / 3;
  return Array.from({ length: n }, (_, j) =>
    judge(problem, parameters[j], parameters[n + j], parameters[2 * n + j], tolerance),
  );
}

/**
 * @param {Problem} problem
 * @param {number} w
 * @param {number} b
 * @param {number} v
 * @param {number} tolerance
 * @returns {Neuron}
 */
function judge(problem, w, b, v, tolerance) {
  const slack = tolerance * Math.max(1, Math.abs(w), Math.abs(b));
  const snap = (/** @type {number} */ y) => (Math.abs(y) <= slack ? 0 : y);
  const no_weight = Math.abs(w) <= slack;
  const constant = no_weight && Math.abs(b) > slack;
  const y0 = snap(w * problem.left + b);
  const y1 = snap(w * problem.right + b);
  /** @type {Kind} */
  let kind = y0 === 0 ? "semi-inactive left" : "semi-inactive right";
  if (no_weight && !constant) kind = "degenerate";
  else if (y0 < 0 && 0 < y1) kind = "right-oriented";
  else if (y1 < 0 && 0 < y0) kind = "left-oriented";
  else if (Math.min(y0, y1) >= 0 && Math.max(y0, y1) > 0) kind = "affine";
  else if (problem.leak > 0) kind = "affine-negative";
  else if (Math.max(y0, y1) < 0) kind = "inactive";
  return {
    kind,
    flat: Math.abs(v) <= tolerance * Math.max(1, Math.abs(w)),
    constant,
    kinked: kind === "right-oriented" || kind === "left-oriented",
    semi_inactive: kind.startsWith("semi-inactive"),
    breakpoint: w !== 0 ? -b / w : null,
  };
}
