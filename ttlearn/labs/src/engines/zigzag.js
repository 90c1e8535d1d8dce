// @ts-check
/**
 * The critical points of the ReLU and leaky ReLU network: a residual that zig-zags, its levels, and
 * a constructor for each. The ReLU formulas are the leaky ones at leak 0.
 */
import { refuse, whole_in } from "./checks.js";
import { mean_target } from "./relu_network.js";

/** @import {Problem} from "./relu_network.js" */
/** @typedef {"right" | "left"} First */

/**
 * The function at a critical point.
 *
 * @typedef {object} ZigZag
 * @property {number} level number of breakpoints
 * @property {First} first orientation of the first one; they alternate
 * @property {number} loss
 * @property {number[]} breakpoints
 * @property {number[]} orientations +1 right, -1 left
 * @property {number[]} weight_sums sum of v w over the neurons at each breakpoint
 * @property {number} output_bias
 * @property {number[]} knots ends and breakpoints
 * @property {number[]} residuals network minus target there
 */

/**
 * Geometry of the critical points with `level` breakpoints.
 *
 * @param {Problem} problem with a slope other than 0
 * @param {number} level for ReLU 0, 2, 4, ...
 * @param {First} [first] for ReLU "right"
 * @returns {ZigZag}
 */
export function zigzag(problem, level, first = "right") {
  const { left, right, slope, leak } = problem;
  check_level(problem, level, first);
  const length = right - left;
  const sign = first === "right" ? 1 : -1;
  const orientations = Array.from({ length: level }, (_, i) => (i % 2 === 0 ? sign : -sign));
  const open = (/** @type {boolean} */ whole) => (whole ? 1 : Math.sqrt(leak));
  const shape =
    level === 0
      ? [1]
      : [
          open(orientations[0] > 0),
          ...Array(level - 1).fill(Math.sqrt(1 + leak)),
          open(orientations[level - 1] < 0),
        ];
  const unit = shape.reduce((sum, x) => sum + x, 0);
  const pieces = shape.map((x) => (length * x) / unit);
  const knots = [left];
  for (const piece of pieces) knots.push(knots[knots.length - 1] + piece);
  knots[level + 1] = right;
  const half = (slope * (level === 0 ? 1 : 1 - leak) * length) / (2 * unit * unit);
  const start = level === 0 || first === "right" ? half : -half;
  const inverse = pieces.map((piece) => 1 / piece);
  return {
    level,
    first,
    loss: (half * half * length) / 3,
    breakpoints: knots.slice(1, -1),
    orientations,
    weight_sums: orientations.map(
      (_, i) => ((slope * length) / (unit * unit)) * (inverse[i] + inverse[i + 1]),
    ),
    output_bias: mean_target(problem),
    knots,
    residuals: knots.map((_, i) => (i % 2 === 0 ? start : -start)),
  };
}

/**
 * @param {Problem} problem
 * @param {number} level
 * @param {First} first
 */
function check_level(problem, level, first) {
  if (problem.slope === 0) {
    refuse("slope", 0, "another slope: with a constant target every critical point is global");
  }
  whole_in("level", level, 0, 2000);
  if (problem.leak === 0 && (level % 2 === 1 || first === "left")) {
    const asked = `${level} with first ${first}`;
    refuse("level", asked, "an even number, first right: ReLU has no others; a leak above 0 has");
  }
}

/**
 * Every value the loss takes at critical points that are not global, from high to low.
 *
 * @param {Problem} problem
 * @param {number} neurons
 * @returns {{level: number, first: First, loss: number}[]}
 */
export function critical_levels(problem, neurons) {
  whole_in("neurons", neurons, 1, 2000);
  /** @type {{level: number, first: First, loss: number}[]} */
  const found = [];
  for (let level = 0; level <= neurons; level++) {
    for (const first of /** @type {const} */ (["right", "left"])) {
      const exists = problem.leak > 0 || (level % 2 === 0 && first === "right");
      if (!exists || (level === 0 && first === "left")) continue;
      found.push({ level, first, loss: zigzag(problem, level, first).loss });
    }
  }
  return found.sort((a, b) => b.loss - a.loss);
}

/**
 * @typedef {object} SaddleOptions
 * @property {First} [first]
 * @property {number} [neurons] width N; the rest are dead (ReLU) or flat constant (leaky)
 * @property {number[][]} [shares] how each breakpoint's sum is split among its neurons
 * @property {number} [scale] |w| of the kinked neurons
 */

/**
 * Parameters of a critical point with `level` breakpoints.
 *
 * @param {Problem} problem
 * @param {number} level
 * @param {SaddleOptions} [options]
 * @returns {Float64Array}
 */
export function saddle(problem, level, { first = "right", neurons, shares, scale = 1 } = {}) {
  const shape = zigzag(problem, level, first);
  if (!(scale > 0 && Number.isFinite(scale))) refuse("scale", scale, "a positive number: it is |w|");
  const split = shares ?? shape.breakpoints.map(() => [1]);
  if (split.length !== level) refuse("shares", split, `${level} lists, one per breakpoint`);
  /** @type {[number, number, number][]} */
  const rows = [];
  split.forEach((list, i) => {
    const sum = list.reduce((total, share) => total + share, 0);
    if (list.length === 0 || Math.abs(sum - 1) > 1e-9) refuse("shares", list, "shares of sum 1");
    for (const share of list) {
      const w = shape.orientations[i] * scale;
      rows.push([w, -w * shape.breakpoints[i], (share * shape.weight_sums[i]) / w]);
    }
  });
  const width = neurons ?? Math.max(1, rows.length);
  if (width < rows.length) refuse("neurons", width, `at least ${rows.length} here`);
  const beyond = -(1 + Math.max(Math.abs(problem.left), Math.abs(problem.right)));
  while (rows.length < width) rows.push(problem.leak === 0 ? [1, beyond, 0.5] : [0, 1, 0]);
  return Float64Array.from([
    ...rows.map((row) => row[0]),
    ...rows.map((row) => row[1]),
    ...rows.map((row) => row[2]),
    shape.output_bias,
  ]);
}
