// @ts-check
/**
 * The toy systems themselves: one hypothesis of the "almost never" theorem dropped at a time. E1 the plain saddle;
 * E2 a line of saddles; E3 curvature on one side only; E4 one step size maps an open set onto the
 * saddle; E5 no negative curvature. E6 to E8 are slices of the real loss, one ReLU neuron on [0, 1]
 * with target x: E4 for a dead neuron, a minimum too sharp for the step size, E3 for a neuron at the
 * edge of death.
 */
import { one_of, positive } from "./checks.js";
import { make_problem, ReluLoss } from "./relu_network.js";

/**
 * @typedef {object} Toy
 * @property {string} formula
 * @property {(p: ArrayLike<number>) => number} potential
 * @property {(p: ArrayLike<number>) => ArrayLike<number>} gradient overwritten by the next call
 * @property {number[]} rest the place that is looked at: a saddle, or a minimum
 * @property {number} up index of the coordinate that decides, drawn upwards
 * @property {number} across index of the coordinate drawn sideways; -1: there is none
 * @property {[number, number]} units what 1 on the plane is, sideways and upwards
 * @property {number} box starts are drawn from [-box, box] on the plane
 * @property {((p: ArrayLike<number>) => number) | null} distance 0 for those that are caught; null:
 *   the size of the coordinate `up`
 * @property {number} near distance from which on a run counts as caught
 * @property {[string, string]} axes
 */

/** @typedef {"E1" | "E2" | "E3" | "E4" | "E5" | "E6" | "E7" | "E8"} ToyName */

/**
 * p'(y) of E4: -y up to 1/2, then a line up to 2 at 1, then 2 y; odd.
 *
 * @param {number} y
 * @returns {number}
 */
function trap_slope(y) {
  const size = Math.abs(y);
  const bent = size <= 0.5 ? -size : size >= 1 ? 2 * size : 5 * size - 3;
  return Math.sign(y) * bent;
}

/**
 * @param {number} y
 * @returns {number}
 */
function trap_potential(y) {
  const size = Math.abs(y);
  if (size <= 0.5) return -0.5 * size * size;
  if (size >= 1) return size * size - 0.75;
  return -0.125 + 2.5 * (size * size - 0.25) - 3 * (size - 0.5);
}

const neuron = new ReluLoss(make_problem(), 1);

/**
 * The largest value of w x + b on [0, 1], or 0 for a dead neuron.
 *
 * @param {ArrayLike<number>} p
 * @returns {number}
 */
function activity(p) {
  return Math.max(0, p[1], p[0] + p[1]);
}

/** @type {Omit<Toy, "formula" | "potential" | "gradient">} */
const PLAIN = {
  rest: [0, 0],
  up: 1,
  across: 0,
  units: [1, 1],
  box: 1,
  distance: null,
  near: 1e-3,
  axes: ["x", "y"],
};

const REAL = {
  ...PLAIN,
  potential: (/** @type {ArrayLike<number>} */ p) => neuron.loss(p),
  gradient(/** @type {ArrayLike<number>} */ p) {
    neuron.evaluate(p);
    return neuron.gradient;
  },
};

const SHARP = real_loss_case("E7");

/** @type {Readonly<Record<ToyName, Toy>>} */
export const TOYS = Object.freeze({
  E1: {
    ...PLAIN,
    formula: "f = (x² − y²)/2",
    potential: (p) => 0.5 * (p[0] ** 2 - p[1] ** 2),
    gradient: (p) => [p[0], -p[1]],
  },
  E2: {
    ...PLAIN,
    formula: "f = (x² − y²)/2 on R³",
    potential: (p) => 0.5 * (p[0] ** 2 - p[1] ** 2),
    gradient: (p) => [p[0], -p[1], 0],
    // Seen from the side: x shrinks anyway, and starts away from 0.
    rest: [0.3, 0, 0],
    across: 2,
    axes: ["z", "y"],
  },
  E3: {
    ...PLAIN,
    formula: "f = x²/2 + y|y|/2",
    potential: (p) => 0.5 * (p[0] ** 2 + p[1] * Math.abs(p[1])),
    gradient: (p) => [p[0], Math.abs(p[1])],
  },
  E4: {
    ...PLAIN,
    formula: "f = x²/2 + p(y), p′ = −y near 0 and 2y from |y| = 1 on",
    potential: (p) => 0.5 * p[0] ** 2 + trap_potential(p[1]),
    gradient: (p) => [p[0], trap_slope(p[1])],
    box: 2,
  },
  E5: {
    ...PLAIN,
    formula: "f = y³",
    potential: (p) => p[0] ** 3,
    gradient: (p) => [3 * p[0] ** 2],
    rest: [0],
    up: 0,
    across: -1,
    axes: ["(nothing changes this way)", "y"],
  },
  E6: {
    ...REAL,
    formula: "the real loss, one neuron: bias and output bias",
    rest: [-1, 0, 1, 0.5],
    up: 3,
    across: 1,
    distance: (p) => Math.max(Math.abs(p[3] - 0.5), activity(p)),
    near: 1e-6,
    axes: ["bias", "output bias − 1/2"],
  },
  E7: {
    ...REAL,
    formula: "the real loss, one neuron, beside a sharp minimum: bias and output bias",
    rest: Array.from(SHARP),
    up: 3,
    across: 1,
    units: [0.02, 0.02],
    distance: (p) => Math.hypot(p[0] - SHARP[0], p[1] - SHARP[1], p[2] - SHARP[2], p[3] - SHARP[3]),
    near: 0.05,
    axes: ["bias − 1/2, in fiftieths", "output bias + 1, in fiftieths"],
  },
  E8: {
    ...REAL,
    formula: "the real loss, one neuron at the edge of death: outer weight and bias",
    rest: [-1, 0, 0, 0.5],
    up: 1,
    across: 2,
    units: [1, 0.1],
    distance: activity,
    near: 5e-3,
    axes: ["outer weight", "bias, in tenths"],
  },
});

/**
 * The point at a place of the toy's plane.
 *
 * @param {Toy} toy
 * @param {number} across
 * @param {number} up
 * @returns {number[]}
 */
export function placed(toy, across, up) {
  const point = toy.rest.slice();
  if (toy.across >= 0) point[toy.across] += toy.units[0] * across;
  point[toy.up] += toy.units[1] * up;
  return point;
}

/**
 * Where on the toy's plane a point is drawn.
 *
 * @param {Toy} toy
 * @param {ArrayLike<number>} point
 * @returns {[number, number]}
 */
export function shown(toy, point) {
  const { across, up, rest, units } = toy;
  const sideways = across < 0 ? 0 : (point[across] - rest[across]) / units[0];
  return [sideways, (point[up] - rest[up]) / units[1]];
}

/**
 * How far from being caught a point is.
 *
 * @param {Toy} toy
 * @param {ArrayLike<number>} point
 * @returns {number}
 */
export function distance(toy, point) {
  return toy.distance ? toy.distance(point) : Math.abs(point[toy.up]);
}

/**
 * Start of a toy case inside the real loss ([0, 1], target x, ReLU, one neuron): (w, b, v, c).
 * E6: a dead neuron; E7: the sharp global minimum (1/size, 1/2, size, -size/2); E8: just beside a
 * semi-inactive neuron of the sign that keeps it dead.
 *
 * @param {"E6" | "E7" | "E8"} name
 * @param {number} [size] for E7
 * @returns {Float64Array}
 */
export function real_loss_case(name, size = 2) {
  positive("size", size);
  switch (one_of("name", name, ["E6", "E7", "E8"])) {
    case "E6":
      return Float64Array.of(-1, -0.5, 1, 0.1);
    case "E7":
      return Float64Array.of(1 / size, 0.5, size, -0.5 * size);
    default:
      return Float64Array.of(-1, 0.01, 0.5, 0.5);
  }
}
