// @ts-check
/**
 * The network of smoothed steps f(x) = a_0 + sum_j a_j S((x - u_j) / activation_width) and its
 * piecewise-constant target on [0, 1]: values, exact loss and gradient, best outer weights.
 */
import { smoothed_step } from "./activation.js";
import { argsort } from "./arrays.js";
import { PopulationLoss } from "./population_loss.js";

export { box_slope, smoothed_step, smoothed_step_slope } from "./activation.js";

/**
 * The network's value at x; width 0 means true steps, 1 from the position on.
 *
 * @param {number} x
 * @param {ArrayLike<number>} positions u_1, ..., u_m
 * @param {ArrayLike<number>} outer_weights a_0, ..., a_m
 * @param {number} activation_width
 * @returns {number}
 */
export function network(x, positions, outer_weights, activation_width) {
  let sum = outer_weights[0];
  for (let j = 0; j < positions.length; j++) {
    const distance = x - positions[j];
    if (activation_width > 0) {
      sum += outer_weights[j + 1] * smoothed_step(distance / activation_width);
    } else if (distance >= 0) {
      sum += outer_weights[j + 1];
    }
  }
  return sum;
}

/**
 * The target's value at x; on a jump the level to its right.
 *
 * @param {number} x
 * @param {ArrayLike<number>} jumps
 * @param {ArrayLike<number>} values
 * @returns {number}
 */
export function target_value(x, jumps, values) {
  let piece = 0;
  while (piece < jumps.length && jumps[piece] <= x) piece++;
  return values[piece];
}

/**
 * F(x), the target integrated from 0 to x. With `piece`, the straight line of that piece,
 * continued beyond its ends.
 *
 * @param {number} x
 * @param {ArrayLike<number>} jumps
 * @param {ArrayLike<number>} values
 * @param {number} [piece]
 * @returns {number}
 */
export function target_integral(x, jumps, values, piece) {
  let sum = 0;
  let left = 0;
  let i = 0;
  while (piece === undefined ? i < jumps.length && jumps[i] <= x : i < piece) {
    sum += values[i] * (jumps[i] - left);
    left = jumps[i++];
  }
  return sum + values[i] * (x - left);
}

/**
 * The integral of the squared target: the loss of the zero network.
 *
 * @param {ArrayLike<number>} jumps
 * @param {ArrayLike<number>} values
 * @returns {number}
 */
export function target_square(jumps, values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const left = i === 0 ? 0 : jumps[i - 1];
    const right = i < jumps.length ? jumps[i] : 1;
    sum += values[i] * values[i] * (right - left);
  }
  return sum;
}

/**
 * The loss that is left when one neuron sits on each jump: activation_width * sum J^2 / 28.
 *
 * @param {ArrayLike<number>} values
 * @param {number} activation_width
 * @returns {number}
 */
export function loss_floor(values, activation_width) {
  let sum = 0;
  for (let i = 1; i < values.length; i++) sum += (values[i] - values[i - 1]) ** 2;
  return (activation_width * sum) / 28;
}

/**
 * Best outer weights for true steps at given positions: each cell between neighbouring neurons
 * takes the target's mean there. A neuron with an empty cell to its right, or outside [0, 1], gets
 * weight 0. `cell_means` and `edges` (0, the positions clipped to [0, 1] and sorted, 1) go from
 * left to right; `outer_weights` are in the order of `positions`; `loss` is what is left.
 *
 * @param {ArrayLike<number>} positions
 * @param {ArrayLike<number>} jumps
 * @param {ArrayLike<number>} values
 * @returns {{cell_means: Float64Array, outer_weights: Float64Array, edges: Float64Array, loss: number}}
 */
export function fast_solution(positions, jumps, values) {
  const m = positions.length;
  const order = argsort(positions);
  const edges = new Float64Array(m + 2);
  edges[m + 1] = 1;
  for (let k = 0; k < m; k++) edges[k + 1] = Math.min(1, Math.max(0, positions[order[k]]));
  const cell_means = new Float64Array(m + 1);
  const outer_weights = new Float64Array(m + 1);
  let loss = 0;
  let before = 0;
  for (let k = 0; k <= m; k++) {
    const owner = k === 0 ? 0 : order[k - 1] + 1;
    if (edges[k + 1] > edges[k]) {
      const cell = cell_fit(edges[k], edges[k + 1], jumps, values);
      outer_weights[owner] = cell.mean - before;
      loss += cell.spread;
      before = cell.mean;
    }
    cell_means[k] = before;
  }
  return { cell_means, outer_weights, edges, loss };
}

/**
 * Mean of the target over one cell, and its squared distance from that mean.
 *
 * @param {number} left
 * @param {number} right
 * @param {ArrayLike<number>} jumps
 * @param {ArrayLike<number>} values
 * @returns {{mean: number, spread: number}}
 */
function cell_fit(left, right, jumps, values) {
  let first = 0;
  while (first < jumps.length && jumps[first] <= left) first++;
  if (first === jumps.length || jumps[first] >= right) return { mean: values[first], spread: 0 };
  let sum = 0;
  for (let i = first, x = left; x < right; i++) {
    const end = Math.min(right, i < jumps.length ? jumps[i] : 1);
    sum += values[i] * (end - x);
    x = end;
  }
  const mean = sum / (right - left);
  let spread = 0;
  for (let i = first, x = left; x < right; i++) {
    const end = Math.min(right, i < jumps.length ? jumps[i] : 1);
    spread += (values[i] - mean) ** 2 * (end - x);
    x = end;
  }
  return { mean, spread };
}

/**
 * Exact loss and gradient at one state. With slope "box" the positions' part is the paper's
 * program's, not a gradient.
 *
 * @param {ArrayLike<number>} outer_weights a_0, ..., a_m
 * @param {ArrayLike<number>} positions u_1, ..., u_m
 * @param {ArrayLike<number>} jumps
 * @param {ArrayLike<number>} values
 * @param {number} activation_width positive
 * @param {"exact" | "box"} [slope]
 * @returns {{loss: number, outer_weights: Float64Array, positions: Float64Array}}
 */
export function loss_and_gradient(
  outer_weights,
  positions,
  jumps,
  values,
  activation_width,
  slope = "exact",
) {
  const m = positions.length;
  const population = new PopulationLoss(jumps, values, m, activation_width, slope);
  const state = new Float64Array(2 * m + 1);
  for (let j = 0; j <= m; j++) state[j] = outer_weights[j];
  for (let j = 0; j < m; j++) state[m + 1 + j] = positions[j];
  const loss = population.evaluate(state);
  const gradient = population.gradient;
  return { loss, outer_weights: gradient.slice(0, m + 1), positions: gradient.slice(m + 1) };
}
