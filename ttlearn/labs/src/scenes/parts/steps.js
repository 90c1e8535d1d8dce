/** What the step network's labs say and draw in common. Pure. */

/** @import {Trajectory} from "../../engines/types" */

/**
 * Index of the last saved moment at or before `time`.
 * @param {ArrayLike<number>} times
 * @param {number} time
 */
export function momentAt(times, time) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time * (1 + 1e-12)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * One row of an array of a trajectory.
 * @param {Trajectory} run
 * @param {string} name
 * @param {number} index
 */
export function row(run, name, index) {
  const { data, shape } = run.arrays[name];
  return data.subarray(index * shape[1], (index + 1) * shape[1]);
}

/** @type {WeakMap<Float64Array, Float64Array[]>} */
const columns = new WeakMap();

/**
 * One column of an array of a trajectory, the same object every time it is asked for.
 * @param {Trajectory} run
 * @param {string} name
 * @param {number} column
 */
export function column(run, name, column) {
  const { data, shape } = run.arrays[name];
  let all = columns.get(data);
  if (!all) {
    all = Array.from({ length: shape[1] }, (_, j) => Float64Array.from({ length: shape[0] }, (_, k) => data[k * shape[1] + j]));
    columns.set(data, all);
  }
  return all[column];
}

/**
 * 0 and then equal steps of the logarithm up to the horizon.
 * @param {number} horizon
 * @param {number} decades
 * @param {number} count
 */
export function logTimes(horizon, decades, count) {
  const times = new Array(count).fill(0);
  for (let k = 1; k < count; k++) times[k] = horizon * 10 ** (-decades * (1 - (k - 1) / (count - 2)));
  return times;
}

/**
 * A jump is covered when the neurons within two widths of it carry its height, to a quarter.
 * @param {ArrayLike<number>} positions
 * @param {ArrayLike<number>} outerWeights
 * @param {number[]} jumps
 * @param {number[]} values
 * @param {number} width
 * @returns {boolean[]}
 */
export function covered(positions, outerWeights, jumps, values, width) {
  return jumps.map((jump, i) => {
    let carried = 0;
    for (let j = 0; j < positions.length; j++)
      if (Math.abs(positions[j] - jump) <= Math.max(2 * width, 1e-9)) carried += outerWeights[j + 1];
    return Math.abs(carried / (values[i + 1] - values[i]) - 1) <= 0.25;
  });
}

/**
 * Loss of a network of perfect steps that misses one jump only: J^2 l r / (l + r) with l and r the lengths
 * of the pieces beside it. Equal levels are one entry.
 * @param {number[]} jumps
 * @param {number[]} values
 * @returns {{loss: number, missed: number[]}[]}
 */
export function localMinima(jumps, values) {
  /** @type {{loss: number, missed: number[]}[]} */
  const levels = [];
  jumps.forEach((jump, i) => {
    const left = jump - (i > 0 ? jumps[i - 1] : 0);
    const right = (i + 1 < jumps.length ? jumps[i + 1] : 1) - jump;
    const loss = ((values[i + 1] - values[i]) ** 2 * left * right) / (left + right);
    const known = levels.find((level) => Math.abs(level.loss - loss) < 1e-9 * loss);
    if (known) known.missed.push(jump);
    else if (loss > 0) levels.push({ loss, missed: [jump] });
  });
  return levels;
}

/**
 * Loss with one neuron on every jump and the right heights: width times the sum of squared jumps over 28.
 * @param {number[]} values
 * @param {number} width
 */
export function lossFloor(values, width) {
  let sum = 0;
  for (let i = 1; i < values.length; i++) sum += (values[i] - values[i - 1]) ** 2;
  return (width * sum) / 28;
}

/**
 * Corner points of a step function.
 * @param {ArrayLike<number>} jumps increasing
 * @param {ArrayLike<number>} values one more than jumps
 */
export function stairs(jumps, values) {
  const xs = [0];
  const ys = [values[0]];
  for (let i = 0; i < jumps.length; i++) {
    xs.push(jumps[i], jumps[i]);
    ys.push(values[i], values[i + 1]);
  }
  xs.push(1);
  ys.push(values[values.length - 1]);
  return { xs, ys };
}

/**
 * Points that show a network of smoothed steps faithfully: evenly spaced ones and some across every ramp.
 * @param {ArrayLike<number>} positions
 * @param {number} width
 * @param {number} [even]
 */
export function gridFor(positions, width, even = 100) {
  const xs = Array.from({ length: even + 1 }, (_, i) => i / even);
  for (const position of Array.from(positions))
    for (let k = -4; k <= 4; k++) {
      const x = position + (k / 8) * Math.max(width, 1e-9);
      if (x > 0 && x < 1) xs.push(x);
    }
  return xs.sort((a, b) => a - b);
}
