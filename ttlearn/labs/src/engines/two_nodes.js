// @ts-check
/**
 * Two hidden neurons, f = phi(w1.x) - phi(w2.x), phi(s) = max(s, leak s), under a spherically
 * symmetric law: exact loss, gradient and gradient flow. Only an angular quadrature in the plane
 * of w1 and w2 is needed, since
 * loss = A(w1, w2) - p k v.(w1 - w2), p = (1 + leak) / 2, A = E ln(2 cosh(f / 2)).
 */
import { stack, trajectory } from "./arrays.js";
import { finite_array, number_in, refuse, times_from_zero } from "./checks.js";
import { dormand_prince } from "./dormand_prince.js";
import { drain } from "./drain.js";
import { make_law } from "./law.js";
import { plane_functions } from "./plane_functions.js";
import { gauss_legendre } from "./quadrature.js";

/** @import {Progress, Trajectory} from "./types" */
/** @import {LawName} from "./law.js" */

const { nodes: NODES, weights: WEIGHTS } = gauss_legendre(16);

/**
 * Integrals over one sector, in which f = W.x with W = (x, y) in the plane's own axes: V(W.e), and
 * T(W.e) e along the two axes. Panels shrink dyadically towards each zero of W.e.
 *
 * @param {ReturnType<typeof plane_functions>} plane
 * @param {number} x of W
 * @param {number} y of W
 * @param {number} from angle
 * @param {number} to angle
 * @returns {[number, number, number]}
 */
function sector(plane, x, y, from, to) {
  const size = Math.hypot(x, y);
  if (size === 0) return [Math.LN2 * (to - from), 0, 0];
  const edges = [from, to];
  const zero = Math.atan2(y, x) + Math.PI / 2;
  const shortest = 0.7 / Math.max(size, 1);
  // Zeros of W.e lie half a turn apart; one just outside the sector still needs short panels.
  for (let turn = Math.floor((from - zero) / Math.PI) - 1; ; turn++) {
    const place = zero + turn * Math.PI;
    if (place > to + Math.PI) break;
    edges.push(place);
    for (let reach = shortest; reach < Math.PI; reach *= 2) edges.push(place - reach, place + reach);
  }
  const inside = edges.filter((edge) => edge >= from && edge <= to).sort((a, b) => a - b);
  const sum = /** @type {[number, number, number]} */ ([0, 0, 0]);
  for (let i = 1; i < inside.length; i++) {
    const length = inside[i] - inside[i - 1];
    if (length <= 0) continue;
    for (let q = 0; q < NODES.length; q++) {
      const angle = inside[i - 1] + length * NODES[q];
      const weight = length * WEIGHTS[q];
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      const u = x * cos + y * sin;
      const pull = weight * plane.pull(u);
      sum[0] += weight * plane.value(u);
      sum[1] += pull * cos;
      sum[2] += pull * sin;
    }
  }
  return sum;
}

/**
 * A and its gradients, for neurons given in two orthonormal axes of their plane.
 *
 * @param {ReturnType<typeof plane_functions>} plane
 * @param {[number, number]} first w1
 * @param {[number, number]} second w2
 * @param {number} leak
 */
function spread(plane, first, second, leak) {
  const turn = 2 * Math.PI;
  const quarter = Math.PI / 2;
  const heads = [Math.atan2(first[1], first[0]), Math.atan2(second[1], second[0])];
  const borders = heads
    .flatMap((head) => [head - quarter, head + quarter])
    .map((angle) => ((angle % turn) + turn) % turn)
    .sort((a, b) => a - b);
  let value = 0;
  const one = [0, 0];
  const two = [0, 0];
  borders.forEach((from, i) => {
    const to = i < 3 ? borders[i + 1] : borders[0] + turn;
    if (to - from <= 0) return;
    const middle = (from + to) / 2;
    const [s1, s2] = heads.map((head) => (Math.cos(middle - head) > 0 ? 1 : leak));
    const x = s1 * first[0] - s2 * second[0];
    const y = s1 * first[1] - s2 * second[1];
    const [part, along, across] = sector(plane, x, y, from, to);
    value += part / turn;
    one[0] += (s1 * along) / turn;
    one[1] += (s1 * across) / turn;
    two[0] -= (s2 * along) / turn;
    two[1] -= (s2 * across) / turn;
  });
  return { value, one, two };
}

/**
 * Orthonormal axes of a plane that holds w1 and w2, and their coordinates in it.
 *
 * @param {ArrayLike<number>} state w1, then w2
 * @param {number} d dimension
 */
function plane_of(state, d) {
  const w1 = Array.from({ length: d }, (_, i) => state[i]);
  const w2 = Array.from({ length: d }, (_, i) => state[d + i]);
  const dot = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
    a.reduce((sum, x, i) => sum + x * b[i], 0);
  const unit = (/** @type {number[]} */ a) => {
    const size = Math.sqrt(dot(a, a));
    return a.map((x) => x / size);
  };
  // In the plane itself the axes are the coordinates': nothing is lost to rounding.
  let axes = [
    [1, 0],
    [0, 1],
  ];
  if (d > 2) {
    const first = unit(w1);
    const share = dot(w2, first);
    const rest = w2.map((x, i) => x - share * first[i]);
    const flat = dot(rest, rest) <= 1e-24 * dot(w2, w2);
    const spare = first.map((_, i) => (i === smallest(first) ? 1 : 0));
    const raw = flat ? spare : rest;
    const along = dot(raw, first);
    axes = [first, unit(raw.map((x, i) => x - along * first[i]))];
  }
  /** @type {(w: number[]) => [number, number]} */
  const inside = (w) => [dot(w, axes[0]), dot(w, axes[1])];
  return { axes, first: inside(w1), second: inside(w2) };
}

/**
 * Index of the entry nearest to 0.
 *
 * @param {number[]} vector
 * @returns {number}
 */
function smallest(vector) {
  let best = 0;
  vector.forEach((x, i) => {
    if (Math.abs(x) < Math.abs(vector[best])) best = i;
  });
  return best;
}

/**
 * Population loss and its gradients. The teacher is the first unit vector.
 *
 * @param {ArrayLike<number>} w1
 * @param {ArrayLike<number>} w2
 * @param {LawName} law
 * @param {number} leak from 0 (ReLU) to 1 (linear)
 * @returns {{loss: number, first: Float64Array, second: Float64Array}} gradients by neuron
 */
export function two_node_loss(w1, w2, law, leak) {
  const d = w1.length;
  const state = Float64Array.from([...Array.from(w1), ...Array.from(w2)]);
  const { loss, gradient } = evaluate(state, d, make_law(law).k, plane_functions(law), leak);
  return { loss, first: gradient.slice(0, d), second: gradient.slice(d) };
}

/**
 * @param {ArrayLike<number>} state
 * @param {number} d
 * @param {number} k
 * @param {ReturnType<typeof plane_functions>} plane
 * @param {number} leak
 */
function evaluate(state, d, k, plane, leak) {
  const { axes, first, second } = plane_of(state, d);
  const { value, one, two } = spread(plane, first, second, leak);
  const strength = ((1 + leak) / 2) * k;
  const gradient = new Float64Array(2 * d);
  for (let i = 0; i < d; i++) {
    gradient[i] = one[0] * axes[0][i] + one[1] * axes[1][i];
    gradient[d + i] = two[0] * axes[0][i] + two[1] * axes[1][i];
  }
  gradient[0] -= strength;
  gradient[d] += strength;
  return { loss: value - strength * (state[0] - state[d]), gradient };
}

/**
 * @typedef {object} TwoNodeParameters
 * @property {LawName} law
 * @property {ArrayLike<number>} first w1, the neuron that adds, 2 or 3 coordinates; the teacher is (1, 0, ...)
 * @property {ArrayLike<number>} second w2, the neuron that is subtracted
 * @property {number} leak from 0 (ReLU) to 1 (linear)
 * @property {ArrayLike<number>} times to save at, from 0
 * @property {number} [relative_tolerance] default 1e-8
 */

/**
 * Gradient flow.
 *
 * @param {TwoNodeParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run(parameters) {
  const first = finite_array("first", parameters.first);
  const d = first.length;
  if (d < 2 || d > 3) refuse("first", parameters.first, "2 or 3 coordinates: more never leave 3");
  const second = finite_array("second", parameters.second, d);
  for (const [name, w] of /** @type {[string, Float64Array][]} */ ([
    ["first", first],
    ["second", second],
  ])) {
    if (Math.hypot(...w) < 1e-9) refuse(name, [...w], "a vector that is not 0: it has no side there");
  }
  const leak = number_in("leak", parameters.leak, 0, 1);
  const times = times_from_zero("times", parameters.times);
  const tolerance = parameters.relative_tolerance ?? 1e-8;
  number_in("relative_tolerance", tolerance, 1e-13, 0.1);
  const { k } = make_law(parameters.law);
  const plane = plane_functions(parameters.law);
  const start = Float64Array.from([...first, ...second]);
  /** @type {import("./dormand_prince.js").TimedField} */
  const field = (_time, state, out) => {
    const { gradient } = evaluate(state, d, k, plane, leak);
    for (let i = 0; i < out.length; i++) out[i] = -gradient[i];
  };
  const steps = dormand_prince(field, start, times, {
    absolute: new Float64Array(2 * d).fill(tolerance),
    relative: tolerance,
    first_step: 1e-3,
  });
  let next = steps.next();
  while (!next.done) {
    yield { progress: next.value };
    next = steps.next();
  }
  return record(next.value, times, d, k, plane, leak);
}

/**
 * @param {import("./stabilised.js").Integration} integration
 * @param {Float64Array} times
 * @param {number} d
 * @param {number} k
 * @param {ReturnType<typeof plane_functions>} plane
 * @param {number} leak
 * @returns {Trajectory}
 */
function record({ states, reason, time, steps, evaluations }, times, d, k, plane, leak) {
  /** @param {ArrayLike<number>} state @param {number} at @param {number} side */
  const angle = (state, at, side) => {
    let across = 0;
    for (let i = 1; i < d; i++) across += state[at + i] ** 2;
    return Math.atan2(Math.sqrt(across), side * state[at]);
  };
  const boundary = (/** @type {Float64Array} */ state) =>
    state.slice(0, d).map((x, i) => x - state[d + i]);
  const shape = [states.length];
  return trajectory({
    times: times.slice(0, states.length),
    arrays: {
      first: stack(states, 0, d),
      second: stack(states, d, 2 * d),
      first_angle: { data: Float64Array.from(states, (s) => angle(s, 0, 1)), shape },
      second_angle: { data: Float64Array.from(states, (s) => angle(s, d, -1)), shape },
      boundary_angle: { data: Float64Array.from(states, (s) => angle(boundary(s), 0, 1)), shape },
    },
    losses: Float64Array.from(states, (s) => evaluate(s, d, k, plane, leak).loss),
    note: reason === "done" ? "" : `Stopped at time ${time.toPrecision(4)}: ${reason}.`,
    meta: { time: "time", steps, evaluations, ...(reason === "done" ? {} : { stopped: time }) },
  });
}

/**
 * @param {TwoNodeParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}
