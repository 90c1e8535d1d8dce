// @ts-check
/** The linear predictor's loss and geometry in (norm, y), y = ln tan(angle / 2). */

/** @import {Law} from "./law.js" */

/**
 * 1 - cos(angle) as 2 sigma(2 y), accurate down to the smallest numbers.
 *
 * @param {number} log_half_angle y
 * @returns {number}
 */
export function misalignment(log_half_angle) {
  return 2 / (1 + Math.exp(-2 * log_half_angle));
}

/**
 * The angle to the teacher, from y; 0 where it is below the smallest number.
 *
 * @param {number} log_half_angle
 * @returns {number}
 */
export function angle_of(log_half_angle) {
  return 2 * Math.atan(Math.exp(log_half_angle));
}

/**
 * y from v.w and the logarithm of the length across the teacher.
 *
 * @param {number} along
 * @param {number} log_across
 * @returns {number}
 */
export function log_half_angle(along, log_across) {
  const norm = Math.hypot(along, Math.exp(log_across));
  const small = log_across - Math.log(norm + Math.abs(along));
  return along >= 0 ? small : -small;
}

/**
 * Population loss at (norm, y).
 *
 * @param {Law} law
 * @param {number} norm
 * @param {number} y
 * @returns {number}
 */
export function polar_loss(law, norm, y) {
  return law.h(norm) + law.k * norm * misalignment(y);
}

/**
 * The angle at which the norm stands still, 1 - cos(angle) = g(norm) / k, the same at every depth.
 *
 * @param {Law} law
 * @param {number} norm
 * @returns {number}
 */
export function nullcline_angle(law, norm) {
  return 2 * Math.asin(Math.sqrt(law.g(norm) / (2 * law.k)));
}

/**
 * d(norm)/dt and d(angle)/dt of the balanced network of the given depth.
 *
 * @param {Law} law
 * @param {number} norm
 * @param {number} angle
 * @param {number} depth
 * @returns {{norm: number, angle: number}}
 */
export function polar_field(law, norm, angle, depth) {
  const speed = norm ** (2 - 2 / depth);
  const pull = law.g(norm) - law.k * 2 * Math.sin(angle / 2) ** 2;
  return { norm: depth * speed * pull, angle: (-law.k * speed * Math.sin(angle)) / norm };
}
