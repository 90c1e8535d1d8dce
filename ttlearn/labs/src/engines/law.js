// @ts-check
/**
 * Spherically symmetric laws of the data, and the three functions through which they act:
 * g = E[|x1| sigma(-norm |x1|)], h = E ln(1 + exp(-norm |x1|)),
 * m = E[|x1| tanh(norm |x1| / 2)] / (2 norm). Computed here by quadrature, read from a table in
 * ln(norm) after that; nothing is typed in.
 */
import { positive, refuse, whole_in } from "./checks.js";
import { dyadic_rule, read_table } from "./quadrature.js";

/** @import {Rule} from "./quadrature.js" */

/**
 * What a law is called: "gaussian" (any dimension), "sphere" and "ball" of `dimension`
 * coordinates (2 or more), "heavy_centre" in the plane with radius U^(1/beta). All may be scaled.
 *
 * @typedef {object} LawName
 * @property {"gaussian" | "sphere" | "ball" | "heavy_centre"} kind
 * @property {number} [dimension] default 2
 * @property {number} [beta] strictly between 0 and 1; for "heavy_centre"
 * @property {number} [radius] factor on the data; default 1
 */

/**
 * A law's functions and constants. `k` = E|x1| / 2, `tail` and `tail_exponent`: g ~ tail *
 * norm^-tail_exponent, `density_at_zero` of one coordinate, `second_moment` = E[x1^2].
 *
 * @typedef {object} Law
 * @property {(norm: number) => number} g
 * @property {(norm: number) => number} h
 * @property {(norm: number) => number} m
 * @property {number} k
 * @property {number} tail
 * @property {number} tail_exponent
 * @property {number} density_at_zero
 * @property {number} second_moment
 * @property {number} dimension
 */

const SMALLEST = 1e-6;
const LARGEST = 1e7;
const POINTS = 450;
const SPACING = Math.log(LARGEST / SMALLEST) / (POINTS - 1);

/** @type {Map<string, Law>} tables already made: the same name always gives the same numbers */
const KNOWN = new Map();

/**
 * The law of a name.
 *
 * @param {LawName} name
 * @returns {Law}
 */
export function make_law({ kind, dimension = 2, beta = 0.5, radius = 1 }) {
  positive("radius", radius);
  whole_in("dimension", dimension, 2, 100000);
  const key = JSON.stringify([kind, dimension, beta]);
  let law = KNOWN.get(key);
  if (!law) {
    law = build(kind, dimension, beta);
    if (KNOWN.size >= 32) KNOWN.clear();
    KNOWN.set(key, law);
  }
  return radius === 1 ? law : scaled(law, radius);
}

/**
 * @param {string} kind
 * @param {number} dimension
 * @param {number} beta
 * @returns {Law}
 */
function build(kind, dimension, beta) {
  switch (kind) {
    case "gaussian":
      return from_rule(gaussian_line(), 1 / Math.sqrt(2 * Math.PI), dimension);
    case "sphere":
      return from_rule(sphere_line(dimension), sphere_density(dimension), dimension);
    case "ball":
      // Archimedes: projections of the ball are those of the sphere with two coordinates more.
      return from_rule(sphere_line(dimension + 2), sphere_density(dimension + 2), dimension);
    case "heavy_centre":
      if (!(beta > 0 && beta < 1)) refuse("beta", beta, "a number strictly between 0 and 1");
      return heavy_centre(beta);
    default:
      return refuse("law", kind, "gaussian, sphere, ball or heavy_centre");
  }
}

/**
 * The density of one coordinate of the unit sphere at 0, Gamma(d/2) / (sqrt(pi) Gamma((d-1)/2)).
 *
 * @param {number} dimension
 * @returns {number}
 */
function sphere_density(dimension) {
  // Gamma(d/2) / Gamma((d-1)/2) from its values at d = 2 and 3 by Gamma(x + 1) = x Gamma(x).
  let ratio = dimension % 2 === 0 ? 1 / Math.sqrt(Math.PI) : Math.sqrt(Math.PI) / 2;
  for (let d = dimension % 2 === 0 ? 2 : 3; d < dimension; d += 2) ratio *= d / (d - 1);
  return ratio / Math.sqrt(Math.PI);
}

/** @returns {Rule} */
function gaussian_line() {
  return dyadic_rule(10, (x) => (2 / Math.sqrt(2 * Math.PI)) * Math.exp((-x * x) / 2));
}

/**
 * @param {number} dimension
 * @returns {Rule}
 */
function sphere_line(dimension) {
  const density = 2 * sphere_density(dimension);
  const rule = dyadic_rule(Math.PI / 2, (t) => density * Math.cos(t) ** (dimension - 2));
  return { nodes: rule.nodes.map(Math.sin), weights: rule.weights };
}

/**
 * g, h and m at one norm by a rule for E F(|x1|).
 *
 * @param {Rule} rule
 * @param {number} norm
 * @returns {{g: number, h: number, m: number}}
 */
export function by_quadrature({ nodes, weights }, norm) {
  let g = 0;
  let h = 0;
  let m = 0;
  for (let i = 0; i < nodes.length; i++) {
    const x = nodes[i];
    const z = norm * x;
    const decay = Math.exp(-z);
    g += weights[i] * x * (decay / (1 + decay));
    h += weights[i] * Math.log1p(decay);
    // tanh(z/2) without its cancellation at small z.
    m += weights[i] * x * (-Math.expm1(-z) / (1 + decay));
  }
  return { g, h, m: m / (2 * norm) };
}

/**
 * @param {Rule} rule for E F(|x1|)
 * @param {number} density_at_zero
 * @param {number} dimension
 * @returns {Law}
 */
function from_rule(rule, density_at_zero, dimension) {
  let k = 0;
  let second_moment = 0;
  rule.nodes.forEach((x, i) => {
    k += (rule.weights[i] * x) / 2;
    second_moment += rule.weights[i] * x * x;
  });
  const tail = (Math.PI ** 2 / 6) * density_at_zero;
  const constants = { k, second_moment, density_at_zero, tail, tail_exponent: 2, dimension };
  return tabulate((norm) => by_quadrature(rule, norm), constants);
}

/**
 * Radius U^(1/beta) in the plane: an average of scaled circles.
 *
 * @param {number} beta
 * @returns {Law}
 */
function heavy_centre(beta) {
  const circle = make_law({ kind: "sphere", dimension: 2 });
  const halvings = 60;
  const { nodes, weights } = dyadic_rule(1, (r) => beta * r ** (beta - 1), halvings);
  // The first panel has a pole at 0; it is so short that its mass may sit in its middle.
  const first = nodes.findIndex((r) => r > 2 ** -halvings);
  weights.fill(0, 0, first);
  weights[first - 1] = 2 ** (-halvings * beta);
  /** @param {number} norm */
  const average = (norm) => {
    const sum = { g: 0, h: 0, m: 0 };
    for (let i = first - 1; i < nodes.length; i++) {
      const r = nodes[i];
      sum.g += weights[i] * r * circle.g(norm * r);
      sum.h += weights[i] * circle.h(norm * r);
      sum.m += weights[i] * r * r * circle.m(norm * r);
    }
    return sum;
  };
  // g norm^(1+beta) = tail + constant * norm^-(1-beta) + ...: two norms give the tail.
  const tail_exponent = 1 + beta;
  const near = average(LARGEST / 10).g * (LARGEST / 10) ** tail_exponent;
  const far = average(LARGEST).g * LARGEST ** tail_exponent;
  return tabulate(average, {
    k: (circle.k * beta) / (1 + beta),
    second_moment: beta / (2 + beta) / 2,
    density_at_zero: Infinity,
    tail: far + (far - near) / (10 ** (1 - beta) - 1),
    tail_exponent,
    dimension: 2,
  });
}

/**
 * Read g, h and m from logarithms sampled in ln(norm); Taylor series below the table, power laws
 * above. Relative error below 1e-11.
 *
 * @param {(norm: number) => {g: number, h: number, m: number}} values
 * @param {Omit<Law, "g" | "h" | "m">} constants
 * @returns {Law}
 */
function tabulate(values, constants) {
  const tables = [0, 1, 2].map(() => new Float64Array(POINTS));
  for (let i = 0; i < POINTS; i++) {
    const { g, h, m } = values(SMALLEST * Math.exp(i * SPACING));
    [g, h, m].forEach((value, which) => (tables[which][i] = Math.log(value)));
  }
  const [g_table, h_table, m_table] = tables;
  const { k, second_moment, tail_exponent } = constants;
  /**
   * @param {Float64Array} table
   * @param {number} norm
   * @param {number} exponent of the power law above the table
   */
  const read = (table, norm, exponent) => {
    const position = Math.log(norm / SMALLEST) / SPACING;
    if (position <= POINTS - 1) return Math.exp(read_table(table, position));
    return Math.exp(table[POINTS - 1] - exponent * Math.log(norm / LARGEST));
  };
  return {
    ...constants,
    g: (norm) =>
      norm < SMALLEST ? k - (norm * second_moment) / 4 : read(g_table, norm, tail_exponent),
    h: (norm) =>
      norm < SMALLEST
        ? Math.LN2 - norm * (k - (norm * second_moment) / 8)
        : read(h_table, norm, tail_exponent - 1),
    m: (norm) => (norm < SMALLEST ? second_moment / 4 : read(m_table, norm, 1)),
  };
}

/**
 * The law of radius * x.
 *
 * @param {Law} law
 * @param {number} radius
 * @returns {Law}
 */
function scaled(law, radius) {
  return {
    g: (norm) => radius * law.g(radius * norm),
    h: (norm) => law.h(radius * norm),
    m: (norm) => radius * radius * law.m(radius * norm),
    k: radius * law.k,
    tail: law.tail * radius ** (1 - law.tail_exponent),
    tail_exponent: law.tail_exponent,
    density_at_zero: law.density_at_zero / radius,
    second_moment: radius * radius * law.second_moment,
    dimension: law.dimension,
  };
}
