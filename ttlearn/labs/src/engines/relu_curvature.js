// @ts-check
/** The Hessian where it exists, its one-sided forms where it does not, and its eigenvalues. */
import { symmetric_eigen } from "./eigen.js";
import { neuron_types, ReluLoss, residual } from "./relu_network.js";

/** @import {Problem} from "./relu_network.js" */
/** @typedef {"both" | "inside" | "outside"} Side */

/**
 * The Gauss-Newton part 2 int J J^T, J the derivative of the network in its parameters.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @returns {Float64Array[]}
 */
export function gauss_newton(problem, parameters) {
  const n = (parameters.length - 1) / 3;
  const exact = new ReluLoss(problem, n);
  exact.cut(parameters);
  const matrix = Array.from(parameters, () => new Float64Array(parameters.length));
  for (let k = 0; k < exact.cells; k++) {
    const [start, end] = [exact.ends[k], exact.ends[k + 1]];
    const tangent = (/** @type {number} */ x) => {
      const out = new Float64Array(parameters.length);
      for (let j = 0; j < n; j++) {
        const [w, b] = [parameters[j], parameters[n + j]];
        const share = (w * (start + end)) / 2 + b > 0 ? 1 : problem.leak;
        out[j] = parameters[2 * n + j] * share * x;
        out[n + j] = parameters[2 * n + j] * share;
        out[2 * n + j] = share * (w * x + b);
      }
      out[3 * n] = 1;
      return out;
    };
    const [p, q] = [tangent(start), tangent(end)];
    const weight = (end - start) / 3;
    for (let i = 0; i < p.length; i++) {
      for (let j = 0; j < p.length; j++) {
        matrix[i][j] += weight * (2 * p[i] * p[j] + 2 * q[i] * q[j] + p[i] * q[j] + q[i] * p[j]);
      }
    }
  }
  return matrix;
}

/**
 * Jumps of the (w_j, b_j) block of the Hessian at neurons whose breakpoint is an end of the
 * interval: k (end^2, end; end, 1) is added on the side where the breakpoint is inside.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @returns {{neuron: number, end: number, jump: number}[]} jump is k
 */
export function boundary_jumps(problem, parameters) {
  const n = (parameters.length - 1) / 3;
  const found = [];
  for (let j = 0; j < n; j++) {
    const [w, b] = [parameters[j], parameters[n + j]];
    const slack = 1e-12 * Math.max(1, Math.abs(w), Math.abs(b));
    for (const end of [problem.left, problem.right]) {
      if (Math.abs(w) <= slack || Math.abs(w * end + b) > slack) continue;
      const bend = 2 * parameters[2 * n + j] * (1 - problem.leak);
      found.push({ neuron: j, end, jump: (bend * residual(problem, parameters, end)) / Math.abs(w) });
    }
  }
  return found;
}

/**
 * Why there is no Hessian here, in words; "" where there is one.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @returns {{reason: string, one_sided: boolean}} whether one-sided Hessians exist
 */
export function missing_hessian(problem, parameters) {
  const ends = [problem.left, problem.right].map((x) => Math.abs(residual(problem, parameters, x)));
  const degenerate = neuron_types(problem, parameters).findIndex((n) => n.kind === "degenerate");
  if (degenerate >= 0 && Math.max(...ends) >= 1e-12) {
    const reason = `neuron ${degenerate + 1} is degenerate (w = b = 0): move w or b away from 0`;
    return { reason, one_sided: false };
  }
  const scale = 1e-12 * Math.max(1, ...Array.from(parameters, Math.abs));
  for (const { neuron, end, jump } of boundary_jumps(problem, parameters)) {
    if (Math.abs(jump) * Math.max(1, end * end) > scale) {
      const where = `the breakpoint of neuron ${neuron + 1} is an end of the interval`;
      return { reason: `${where}: the Hessian jumps there by ${jump.toPrecision(4)}`, one_sided: true };
    }
  }
  return { reason: "", one_sided: true };
}

/**
 * The Hessian, or one of its one-sided forms: "inside" continues from where a breakpoint that is an
 * end of the interval is inside, "outside" from the other side.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {Side} [side]
 * @returns {Float64Array[]}
 */
export function hessian(problem, parameters, side = "both") {
  const { reason, one_sided } = missing_hessian(problem, parameters);
  if (reason && (side === "both" || !one_sided)) throw new RangeError(`no Hessian: ${reason}`);
  const n = (parameters.length - 1) / 3;
  const matrix = gauss_newton(problem, parameters);
  const bend = (/** @type {number} */ j, /** @type {number} */ x, /** @type {number} */ k) => {
    matrix[j][j] += k * x * x;
    matrix[j][n + j] += k * x;
    matrix[n + j][j] += k * x;
    matrix[n + j][n + j] += k;
  };
  couple(problem, parameters, matrix);
  for (let j = 0; j < n; j++) {
    const w = parameters[j];
    const place = -parameters[n + j] / w;
    if (!(w !== 0 && place > problem.left && place < problem.right)) continue;
    const r = residual(problem, parameters, place);
    bend(j, place, (2 * parameters[2 * n + j] * (1 - problem.leak) * r) / Math.abs(w));
  }
  if (side === "inside") {
    for (const { neuron, end, jump } of boundary_jumps(problem, parameters)) bend(neuron, end, jump);
  }
  return matrix;
}

/**
 * Add the coupling of (w, b) with v: 2 int x s r and 2 int s r.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {Float64Array[]} matrix
 */
function couple(problem, parameters, matrix) {
  const n = (parameters.length - 1) / 3;
  const exact = new ReluLoss(problem, n);
  exact.cut(parameters);
  const { ends, residuals } = exact;
  for (let k = 0; k < exact.cells; k++) {
    const length = ends[k + 1] - ends[k];
    const middle = (ends[k] + ends[k + 1]) / 2;
    const mass = (length * (residuals[k] + residuals[k + 1])) / 2;
    const moment = (length * length * (residuals[k + 1] - residuals[k])) / 12;
    for (let j = 0; j < n; j++) {
      const share = parameters[j] * middle + parameters[n + j] > 0 ? 2 : 2 * problem.leak;
      matrix[j][2 * n + j] += share * (middle * mass + moment);
      matrix[n + j][2 * n + j] += share * mass;
    }
  }
  for (let j = 0; j < n; j++) {
    matrix[2 * n + j][j] = matrix[j][2 * n + j];
    matrix[2 * n + j][n + j] = matrix[n + j][2 * n + j];
  }
}

/**
 * Eigenvalues of the Hessian, ascending, with unit eigenvectors.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {Side} [side]
 */
export function spectrum(problem, parameters, side = "both") {
  return symmetric_eigen(hessian(problem, parameters, side));
}

/**
 * Number of negative eigenvalues, counted below -tolerance * the largest one.
 *
 * @param {ArrayLike<number>} values ascending
 * @param {number} [tolerance]
 * @returns {number}
 */
export function count_negative(values, tolerance = 1e-10) {
  const largest = Math.max(Math.abs(values[0]), Math.abs(values[values.length - 1]));
  return Array.from(values).filter((value) => value < -tolerance * largest).length;
}

/**
 * Generalised eigenvalues of (Hessian, Gauss-Newton part) on the latter's range, ascending. They
 * do not depend on how neurons are scaled, on the interval or on the target's slope.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @returns {Float64Array}
 */
export function relative_spectrum(problem, parameters) {
  const full = hessian(problem, parameters);
  const { values, vectors } = symmetric_eigen(gauss_newton(problem, parameters));
  const basis = vectors
    .map((vector, i) => vector.map((x) => x / Math.sqrt(values[i])))
    .filter((_, i) => values[i] > 1e-9 * values[values.length - 1]);
  const images = basis.map((vector) =>
    full.map((row) => row.reduce((sum, x, i) => sum + x * vector[i], 0)),
  );
  return symmetric_eigen(
    basis.map((vector) =>
      images.map((image) => image.reduce((sum, x, i) => sum + x * vector[i], 0)),
    ),
  ).values;
}
