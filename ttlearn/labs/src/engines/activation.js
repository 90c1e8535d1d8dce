// @ts-check
/** The smoothed step and its two slopes. */

/**
 * S(s): 0 below -1/2, 4 (s + 1/2)^3, then 1 - 4 (1/2 - s)^3, and 1 above 1/2.
 *
 * @param {number} s (x - position) / activation_width
 * @returns {number}
 */
export function smoothed_step(s) {
  if (s <= -0.5) return 0;
  if (s >= 0.5) return 1;
  const rest = s < 0 ? 0.5 + s : 0.5 - s;
  const cube = 4 * rest * rest * rest;
  return s < 0 ? cube : 1 - cube;
}

/**
 * S'(s) = 12 (1/2 - |s|)^2 for |s| <= 1/2, else 0.
 *
 * @param {number} s
 * @returns {number}
 */
export function smoothed_step_slope(s) {
  const rest = 0.5 - Math.abs(s);
  return rest > 0 ? 12 * rest * rest : 0;
}

/**
 * The slope of the piecewise-linear step: 1 for |s| <= 1/2. The paper's program uses it in place
 * of S'.
 *
 * @param {number} s
 * @returns {number}
 */
export function box_slope(s) {
  return Math.abs(s) <= 0.5 ? 1 : 0;
}
