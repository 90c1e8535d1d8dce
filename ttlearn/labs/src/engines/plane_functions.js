// @ts-check
/**
 * A law seen in a plane: r is the length of the data's projection on it,
 * T(u) = E[(r / 2) tanh(r u / 2)] and V(u) = E ln(2 cosh(r u / 2)).
 */
import { refuse } from "./checks.js";
import { dyadic_rule, read_table } from "./quadrature.js";

/** @import {LawName} from "./law.js" */
/** @import {Rule} from "./quadrature.js" */

/**
 * @typedef {object} PlaneFunctions
 * @property {(u: number) => number} pull T
 * @property {(u: number) => number} value V
 */

const LARGEST = 1e6;
const POINTS = 400;
const SPACING = Math.asinh(LARGEST) / (POINTS - 1);
const MARGIN = 5; // samples left of 0, where T is odd and V even

/** @type {Map<string, PlaneFunctions>} tables already made: the same name always gives the same numbers */
const KNOWN = new Map();

/**
 * Nodes and weights for E F(r).
 *
 * @param {LawName} law
 * @returns {Rule}
 */
function plane_rule({ kind, dimension = 2, radius = 1 }) {
  const d = kind === "ball" ? dimension + 2 : dimension;
  if (kind === "gaussian") {
    // The trapezoid rule in ln r is exponentially accurate: the integrand dies at both ends.
    const nodes = Float64Array.from({ length: 493 }, (_, i) => Math.exp(0.05 * (i - 440)));
    const weights = nodes.map((r) => 0.05 * r * r * Math.exp((-r * r) / 2));
    return { nodes: nodes.map((r) => radius * r), weights };
  }
  if (kind !== "sphere" && kind !== "ball") refuse("law", kind, "gaussian, sphere or ball");
  if (d === 2) return { nodes: Float64Array.of(radius), weights: Float64Array.of(1) };
  // r = sin t: the density (d-2) r (1-r^2)^((d-4)/2) loses its pole at r = 1.
  const weight = (/** @type {number} */ t) => (d - 2) * Math.sin(t) * Math.cos(t) ** (d - 3);
  const rule = dyadic_rule(Math.PI / 2, weight);
  return { nodes: rule.nodes.map((t) => radius * Math.sin(t)), weights: rule.weights };
}

/**
 * T and V of a law; closed forms on the circle, tables in asinh(u) otherwise.
 *
 * @param {LawName} law
 * @returns {PlaneFunctions}
 */
export function plane_functions(law) {
  const rule = plane_rule(law);
  if (rule.nodes.length === 1) return by_rule(rule);
  const key = JSON.stringify([law.kind, law.dimension, law.radius]);
  const known = KNOWN.get(key);
  if (known) return known;
  const made = tabulated(by_rule(rule));
  if (KNOWN.size >= 32) KNOWN.clear();
  KNOWN.set(key, made);
  return made;
}

/**
 * @param {Rule} rule
 * @returns {PlaneFunctions}
 */
function by_rule({ nodes, weights }) {
  /** @type {PlaneFunctions["pull"]} */
  const pull = (u) => {
    let sum = 0;
    for (let i = 0; i < nodes.length; i++) {
      sum += weights[i] * (nodes[i] / 2) * Math.tanh((nodes[i] * u) / 2);
    }
    return sum;
  };
  /** @type {PlaneFunctions["value"]} */
  const value = (u) => {
    let sum = 0;
    for (let i = 0; i < nodes.length; i++) {
      const z = Math.abs(nodes[i] * u);
      sum += weights[i] * (z / 2 + Math.log1p(Math.exp(-z)));
    }
    return sum;
  };
  return { pull, value };
}

/**
 * @param {PlaneFunctions} exact
 * @returns {PlaneFunctions}
 */
function tabulated(exact) {
  const at = (/** @type {number} */ i) => Math.sinh((i - MARGIN) * SPACING);
  const pulls = Float64Array.from({ length: POINTS + MARGIN }, (_, i) => exact.pull(at(i)));
  // V grows like |u|: what is left of it after |T's limit| u stays near 0 and reads accurately.
  const limit = exact.pull(1e9);
  const size = (/** @type {number} */ u) => limit * Math.sqrt(1 + u * u);
  const rests = Float64Array.from(
    { length: POINTS + MARGIN },
    (_, i) => exact.value(at(i)) - size(at(i)),
  );
  const position = (/** @type {number} */ u) => Math.asinh(Math.abs(u)) / SPACING + MARGIN;
  return {
    pull: (u) => {
      const where = position(u);
      const size_of_pull = where < pulls.length - 1 ? read_table(pulls, where) : limit;
      return u < 0 ? -size_of_pull : size_of_pull;
    },
    value: (u) => {
      const where = position(u);
      return where < rests.length - 1 ? read_table(rests, where) + size(u) : limit * Math.abs(u);
    },
  };
}
