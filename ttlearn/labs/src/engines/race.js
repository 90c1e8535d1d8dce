// @ts-check
/**
 * One jump between two free neurons in the two-timescale limit: l' = -rate r^2 / (l + r)^2,
 * r' = -rate l^2 / (l + r)^2 with l, r the distances to the jump and rate = loss_factor J^2.
 * Closed forms, and the same race by simulation.
 */
import { stack } from "./arrays.js";
import { finite_array, number_in, positive, refuse } from "./checks.js";
import { drain } from "./drain.js";
import { run as run_limit } from "./two_timescale_limit.js";

/** @import {Progress, Trajectory} from "./types" */

const GAMMA_THIRD = 2.6789385347077476337;
const GAMMA_TWO_THIRDS = 1.3541179394264004169;
/** 1 - Gamma(5/3) Gamma(-1/3) / Gamma(1/3) */
const TIE = 1 + (2 * GAMMA_TWO_THIRDS * GAMMA_TWO_THIRDS) / GAMMA_THIRD;

/**
 * Gauss's series 2F1(1/3, 1; c; z) for 0 <= z <= 1/2.
 *
 * @param {number} c
 * @param {number} z
 * @returns {number}
 */
function gauss_series(c, z) {
  let term = 1;
  let sum = 1;
  for (let n = 0; n < 200 && term > 1e-17 * sum; n++) {
    term *= ((1 / 3 + n) / (c + n)) * z;
    sum += term;
  }
  return sum;
}

/**
 * rate * time that the nearer neuron needs, from its distance and the conserved D.
 *
 * T = near + far - D + (near^2 / far) 2F1(1/3, 1; 5/3; (near/far)^3). Close to a tie the series is
 * taken at 1 - (near/far)^3 = (D/far)^3 by Gauss's connection formula, whose second part is
 * elementary here; nothing cancels, so the cusp keeps full accuracy.
 *
 * @param {number} near
 * @param {number} far
 * @param {number} stop D
 * @returns {number}
 */
function scaled_time(near, far, stop) {
  if (near === 0) return 0;
  const rest = (stop / far) ** 3;
  if (rest > 0.5) {
    // far - D by the cubes' difference: the two nearly agree when the race is uneven.
    const lead = near ** 3 / (far * far + far * stop + stop * stop);
    return near + lead + ((near * near) / far) * gauss_series(5 / 3, (near / far) ** 3);
  }
  return near + far - TIE * stop + ((2 * near * near) / far) * gauss_series(2 / 3, rest);
}

/**
 * Distance at which the farther neuron stops for ever: |l^3 - r^3|^(1/3), conserved by the race.
 *
 * @param {number} left
 * @param {number} right
 * @returns {number}
 */
export function stopping_distance(left, right) {
  const near = Math.min(left, right);
  const far = Math.max(left, right);
  return Math.cbrt((far - near) * (far * far + far * near + near * near));
}

/**
 * @param {number} left
 * @param {number} right
 * @param {number} rate
 */
function check_race(left, right, rate) {
  if (!(left >= 0) || left === Infinity) refuse("left", left, "a distance, 0 or more");
  if (!(right >= 0) || right === Infinity) refuse("right", right, "a distance, 0 or more");
  if (left + right === 0) refuse("left and right", 0, "at least one distance above 0");
  positive("rate", rate);
}

/**
 * Slow time at which the nearer neuron reaches the jump.
 *
 * @example hitting_time(0.02, 0.05, 4) // 0.007299021051392028
 *
 * @param {number} left distance of the left neuron
 * @param {number} right distance of the right neuron
 * @param {number} rate loss_factor times the squared jump
 * @returns {number}
 */
export function hitting_time(left, right, rate) {
  check_race(left, right, rate);
  const stop = stopping_distance(left, right);
  return scaled_time(Math.min(left, right), Math.max(left, right), stop) / rate;
}

/**
 * Hitting time when the left flank is immobile (the bias, or the right end mirrored):
 * ((l + r)^3 - l^3) / (3 rate l^2).
 *
 * @param {number} fixed distance of the immobile flank
 * @param {number} moving distance of the neuron
 * @param {number} rate
 * @returns {number}
 */
export function hitting_time_one_flank(fixed, moving, rate) {
  check_race(fixed, moving, rate);
  const sum = 3 * fixed * fixed + 3 * fixed * moving + moving * moving;
  return (moving * sum) / (3 * rate * fixed * fixed);
}

/**
 * Both distances at a slow time.
 *
 * @param {number} left
 * @param {number} right
 * @param {number} rate
 * @param {number} slow_time
 * @returns {{left: number, right: number}}
 */
export function state_at(left, right, rate, slow_time) {
  check_race(left, right, rate);
  number_in("slow_time", slow_time, 0, Infinity);
  const stop = stopping_distance(left, right);
  const start = Math.min(left, right);
  const remaining = scaled_time(start, Math.max(left, right), stop) - rate * slow_time;
  let near = 0;
  if (remaining > 0) {
    near = slow_time === 0 ? start : nearer_distance(start, stop, remaining);
  }
  const far = near === start ? Math.max(left, right) : Math.cbrt(near ** 3 + stop ** 3);
  return left <= right ? { left: near, right: far } : { left: far, right: near };
}

/**
 * Solve scaled_time(x) = remaining for x in [0, start]. The time is increasing and convex in x
 * with slope (1 + x/y)^2 between 1 and 4, so Newton from the right falls to the root.
 *
 * @param {number} start
 * @param {number} stop
 * @param {number} remaining
 * @returns {number}
 */
function nearer_distance(start, stop, remaining) {
  let x = Math.min(start, remaining);
  for (let round = 0; round < 60; round++) {
    const y = Math.cbrt(x ** 3 + stop ** 3);
    const change = (scaled_time(x, y, stop) - remaining) / (1 + x / y) ** 2;
    const next = Math.min(start, Math.max(0, x - change));
    if (Math.abs(next - x) <= 1e-16 * start) return next;
    x = next;
  }
  return x;
}

/**
 * @typedef {object} RaceParameters
 * @property {number} jump where the jump is
 * @property {number} jump_size its height J
 * @property {ArrayLike<number>} positions of the left and the right neuron
 * @property {ArrayLike<number>} times slow times to save at, from 0
 * @property {number} [loss_factor] 1 (default) or 1/2; multiplies the loss
 */

/**
 * The race by simulation: the limit flow of two neurons around one jump.
 *
 * @param {RaceParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run({ jump, jump_size, positions, times, loss_factor = 1 }) {
  const start = finite_array("positions", positions, 2);
  if (!(start[0] > 0 && start[0] < jump && jump < start[1] && start[1] < 1)) {
    refuse("positions", positions, `one in (0, ${jump}) and one in (${jump}, 1)`);
  }
  if (!Number.isFinite(jump_size) || jump_size === 0) {
    refuse("jump_size", jump_size, "a number that is not 0");
  }
  const values = [0, jump_size];
  const path = yield* run_limit({ jumps: [jump], values, positions: start, times, loss_factor });
  const { data } = path.arrays.positions;
  const rows = Array.from(path.times, (_, k) => [jump - data[2 * k], data[2 * k + 1] - jump]);
  return { ...path, arrays: { positions: path.arrays.positions, distances: stack(rows) } };
}

/**
 * @param {RaceParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}
