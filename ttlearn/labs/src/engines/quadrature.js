// @ts-check
/** Gauss rules, and reading a smooth function from equally spaced samples. */

/** @typedef {{nodes: Float64Array, weights: Float64Array}} Rule */

/**
 * Gauss-Legendre rule on [0, 1], by Newton's method on the Legendre polynomial.
 *
 * @param {number} order
 * @returns {Rule}
 */
export function gauss_legendre(order) {
  const nodes = new Float64Array(order);
  const weights = new Float64Array(order);
  for (let i = 0; i < order; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (order + 0.5));
    let slope = 1;
    for (let round = 0; round < 100; round++) {
      let before = 1;
      let value = x;
      for (let n = 2; n <= order; n++) {
        [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
      }
      slope = (order * (x * value - before)) / (x * x - 1);
      const change = value / slope;
      x -= change;
      if (Math.abs(change) < 1e-16) break;
    }
    nodes[order - 1 - i] = (1 + x) / 2;
    weights[order - 1 - i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

/**
 * Rule for the integral of F(t) weight(t) from 0 to `upper` on panels that halve towards 0, so that
 * one set of nodes serves an integrand on any scale: [0, X/2^n], [X/2^n, X/2^(n-1)], ..., [X/2, X].
 *
 * @param {number} upper X
 * @param {(t: number) => number} weight
 * @param {number} [halvings] n
 * @returns {Rule}
 */
export function dyadic_rule(upper, weight, halvings = 30) {
  const { nodes: part, weights: share } = gauss_legendre(12);
  const count = part.length * (halvings + 1);
  const nodes = new Float64Array(count);
  const weights = new Float64Array(count);
  let k = 0;
  for (let panel = halvings; panel >= 0; panel--) {
    const right = upper * 2 ** -panel;
    const left = panel === halvings ? 0 : right / 2;
    for (let i = 0; i < part.length; i++, k++) {
      nodes[k] = left + (right - left) * part[i];
      weights[k] = (right - left) * share[i] * weight(nodes[k]);
    }
  }
  return { nodes, weights };
}

const STENCIL = 10;
const BARYCENTRIC = [1, -9, 36, -84, 126, -126, 84, -36, 9, -1];

/**
 * Interpolate equally spaced samples by the polynomial through the ten nearest.
 *
 * @param {Float64Array} samples
 * @param {number} position in samples: 2.5 is halfway between the third and the fourth
 * @returns {number}
 */
export function read_table(samples, position) {
  const first = Math.min(
    samples.length - STENCIL,
    Math.max(0, Math.floor(position) - STENCIL / 2 + 1),
  );
  let above = 0;
  let below = 0;
  for (let i = 0; i < STENCIL; i++) {
    const distance = position - first - i;
    if (distance === 0) return samples[first + i];
    const part = BARYCENTRIC[i] / distance;
    above += part * samples[first + i];
    below += part;
  }
  return above / below;
}
