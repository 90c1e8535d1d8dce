// @ts-check
/** Small helpers on arrays of numbers, and the record that engines return. */

/** @import {Trajectory} from "./types" */

/**
 * `count` equally spaced numbers from `start` to `stop`, both included.
 *
 * @param {number} start
 * @param {number} stop
 * @param {number} count at least 2
 * @returns {Float64Array}
 */
export function linspace(start, stop, count) {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) out[i] = start + ((stop - start) * i) / (count - 1);
  out[count - 1] = stop;
  return out;
}

/**
 * `count` numbers from `start` to `stop` (both positive, both included) with equal ratios.
 *
 * @param {number} start
 * @param {number} stop
 * @param {number} count at least 2
 * @returns {Float64Array}
 */
export function geomspace(start, stop, count) {
  const out = linspace(Math.log(start), Math.log(stop), count).map(Math.exp);
  out[0] = start;
  out[count - 1] = stop;
  return out;
}

/**
 * Sort `order` so that `keys[order[i]]` increases. Insertion sort: nearly free when the order
 * barely changed since the last call, which is what happens along a trajectory.
 *
 * @param {Int32Array} order a permutation, changed in place
 * @param {ArrayLike<number>} keys
 */
export function sort_order(order, keys) {
  for (let i = 1; i < order.length; i++) {
    const item = order[i];
    const key = keys[item];
    let j = i - 1;
    while (j >= 0 && keys[order[j]] > key) {
      order[j + 1] = order[j];
      j--;
    }
    order[j + 1] = item;
  }
}

/**
 * Indices that sort `keys`, equal keys in the order given.
 *
 * @param {ArrayLike<number>} keys
 * @returns {Int32Array}
 */
export function argsort(keys) {
  const order = Int32Array.from({ length: keys.length }, (_, i) => i);
  sort_order(order, keys);
  return order;
}

/**
 * Whether every entry is finite and at most `bound` in size.
 *
 * @param {ArrayLike<number>} values
 * @param {number} [bound]
 * @returns {boolean}
 */
export function is_bounded(values, bound = 1e12) {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= bound)) return false;
  return true;
}

/**
 * Stack rows of equal length into one row-major array.
 *
 * @param {ArrayLike<number>[]} rows
 * @param {number} [from] first column
 * @param {number} [to] one after the last column
 * @returns {{data: Float64Array, shape: number[]}}
 */
export function stack(rows, from = 0, to = rows[0]?.length ?? 0) {
  const data = new Float64Array(rows.length * (to - from));
  let k = 0;
  for (const row of rows) for (let i = from; i < to; i++) data[k++] = row[i];
  return { data, shape: [rows.length, to - from] };
}

/**
 * A trajectory record; what is left out is empty.
 *
 * @param {Pick<Trajectory, "times" | "arrays"> & Partial<Trajectory>} parts
 * @returns {Trajectory}
 */
export function trajectory({ times, arrays, losses = null, events = [], note = "", meta = {} }) {
  return { times, arrays, losses, events, note, meta };
}

/**
 * A number for a sentence: at most four digits.
 *
 * @param {number} value
 * @returns {string}
 */
export function in_words(value) {
  return String(Number(value.toPrecision(4)));
}
