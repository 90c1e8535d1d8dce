// @ts-check
/** What the engines' tests share: the paper's target, and comparisons that name what differs. */
import assert from "node:assert/strict";

export const PAPER = { jumps: [0.2, 0.35, 0.5, 0.65, 0.8], values: [1, 5, 1, 3, 1, 5] };

/**
 * @param {ArrayLike<number>} found
 * @param {ArrayLike<number>} expected
 * @param {number} tolerance absolute
 * @param {string} [what]
 */
export function close(found, expected, tolerance, what = "value") {
  assert.equal(found.length, expected.length, `${what}: length`);
  for (let i = 0; i < found.length; i++) {
    const apart = Math.abs(found[i] - expected[i]);
    assert.ok(apart <= tolerance, `${what}[${i}]: ${found[i]}, not ${expected[i]} +- ${tolerance}`);
  }
}

/**
 * @param {ArrayLike<number>} found
 * @param {ArrayLike<number>} expected
 * @param {number} tolerance relative
 * @param {string} [what]
 */
export function close_relative(found, expected, tolerance, what = "value") {
  assert.equal(found.length, expected.length, `${what}: length`);
  for (let i = 0; i < found.length; i++) {
    const apart = Math.abs(found[i] - expected[i]);
    assert.ok(
      apart <= tolerance * Math.abs(expected[i]),
      `${what}[${i}]: ${found[i]}, not ${expected[i]} up to a factor 1 +- ${tolerance}`,
    );
  }
}

/**
 * Row k of a named array.
 *
 * @param {{data: Float64Array, shape: number[]}} array
 * @param {number} k
 */
export function row({ data, shape }, k) {
  return data.slice(k * shape[1], (k + 1) * shape[1]);
}
