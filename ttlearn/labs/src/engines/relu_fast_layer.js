// @ts-check
/**
 * The best outer weights and output bias for the inner layer as it is: a least-squares problem.
 * Neurons are taken in order, each without what those before it reach; a neuron of which hardly
 * anything is left (dead, or in the direction of others) gets outer weight 0.
 */

/** @import {Problem} from "./relu_network.js" */

/**
 * 1, every neuron of unit direction, and the target, as vectors with int f g = f . g. On a cell of
 * length h the functions are affine, with middle value m and half rise d, and
 * int f g = h (m_f m_g + d_f d_g / 3).
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {number[]} sizes of the neurons (w, b)
 */
function vectors(problem, parameters, sizes) {
  const { left, right, slope, intercept, leak } = problem;
  const places = sizes.map((_, j) => -parameters[sizes.length + j] / parameters[j]);
  const inside = places.filter((place) => place > left && place < right).sort((a, b) => a - b);
  const ends = [left, ...inside, right];
  const columns = sizes.map(() => new Float64Array(2 * inside.length + 2));
  const one = new Float64Array(2 * inside.length + 2);
  const target = new Float64Array(2 * inside.length + 2);
  for (let k = 0; k <= inside.length; k++) {
    const length = ends[k + 1] - ends[k];
    const centre = (ends[k] + ends[k + 1]) / 2;
    const [weight, rise] = [Math.sqrt(length), (Math.sqrt(length / 3) * length) / 2];
    one[2 * k] = weight;
    target[2 * k] = weight * (slope * centre + intercept);
    target[2 * k + 1] = rise * slope;
    sizes.forEach((size, j) => {
      const [w, b] = [parameters[j] / size, parameters[sizes.length + j] / size];
      const middle = w * centre + b;
      const share = middle > 0 ? 1 : leak;
      columns[j][2 * k] = weight * share * middle;
      columns[j][2 * k + 1] = rise * share * w;
    });
  }
  return { columns: [one, ...columns], target };
}

/**
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * Take `part` times `b` away from `a`, in place.
 *
 * @param {Float64Array} a
 * @param {number} part
 * @param {Float64Array} b
 */
function take(a, part, b) {
  for (let i = 0; i < a.length; i++) a[i] -= part * b[i];
}

/**
 * The parameters with the best outer layer, and the loss they leave: a sum of squares.
 *
 * @param {Problem} problem
 * @param {ArrayLike<number>} parameters
 * @param {number} [resolution] share of a neuron that counts as nothing
 * @returns {{parameters: Float64Array, loss: number}}
 */
export function fast_solution(problem, parameters, resolution = 1e-9) {
  const n = (parameters.length - 1) / 3;
  const sizes = Array.from({ length: n }, (_, j) => Math.hypot(parameters[j], parameters[n + j]) || 1);
  const { columns, target } = vectors(problem, parameters, sizes);
  /** @type {{vector: Float64Array, share: Float64Array}[]} */
  const basis = [];
  const coefficients = new Float64Array(n + 1);
  columns.forEach((column, k) => {
    const left = Float64Array.from(column);
    const share = new Float64Array(n + 1); // the basis vector in terms of the columns
    share[k] = 1;
    for (let again = 0; again < 2; again++) {
      for (const known of basis) {
        const part = dot(known.vector, left);
        take(left, part, known.vector);
        take(share, part, known.share);
      }
    }
    const size = Math.sqrt(dot(left, left));
    if (!(size > resolution * Math.sqrt(dot(column, column)))) return;
    const found = { vector: left.map((x) => x / size), share: share.map((x) => x / size) };
    basis.push(found);
    const part = dot(found.vector, target);
    take(target, part, found.vector);
    take(coefficients, -part, found.share);
  });
  const best = Float64Array.from(parameters);
  for (let j = 0; j < n; j++) best[2 * n + j] = coefficients[j + 1] / sizes[j];
  best[3 * n] = coefficients[0];
  return { parameters: best, loss: dot(target, target) };
}
