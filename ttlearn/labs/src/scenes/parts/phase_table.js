/** Reads the phase diagram that JAX computed: cells, their runs, the starts. Pure. */

import { words } from "../../shell/format.js";

/** @import {Bank, Frame, State} from "../../shell/types" */
/** @typedef {{row: number, column: number}} Cell row -1 is the limit */

/** The cell of a state; null before the table is unpacked. @param {State} state @param {Bank | null} bank @returns {Cell | null} */
export function cellOf(state, bank) {
  if (!bank) return null;
  const { ratios, neurons } = bank.header;
  return { row: ratios.indexOf(state.timescale_ratio), column: neurons.indexOf(state.neurons) };
}

/** Losses at the end of a cell's runs. @param {Bank} bank @param {Cell} cell */
export function lossesOf(bank, { row, column }) {
  const { neurons, seeds } = bank.header;
  const at = (Math.max(row, 0) * neurons.length + column) * seeds;
  return (row < 0 ? bank.arrays.limit_losses : bank.arrays.losses).data.subarray(at, at + seeds);
}

/** Below this a run of the cell succeeds. @param {Bank} bank @param {Cell} cell @returns {number} */
export function bound(bank, { row }) {
  return row < 0 ? bank.header.limit_success : bank.header.success;
}

/** How many of a cell's runs succeed. @param {Bank} bank @param {Cell} cell */
export function successes(bank, cell) {
  const most = bound(bank, cell);
  return lossesOf(bank, cell).reduce((sum, loss) => sum + Number(loss < most), 0);
}

/** @param {Bank} bank @param {Cell} cell */
export function cellName(bank, { row, column }) {
  const { ratios, neurons } = bank.header;
  return `${row < 0 ? "limit (ratio 0)" : `ratio ${words(ratios[row])}`}, ${neurons[column]} neurons`;
}

/** @param {number} share */
const percent = (share) => `${words(100 * share, 2)}\u00a0%`;

/**
 * A count of successes, its share, and how well that is known.
 *
 * Where all or none succeed a standard error says nothing; what 95 of 100 such tables rule out does.
 * @param {number} count
 * @param {number} seeds
 */
export function countWords(count, seeds) {
  const rest = percent(1 - 0.05 ** (1 / seeds));
  if (count === seeds) return `all ${seeds} starts succeed (less than ${rest} fail, at 95 % confidence)`;
  if (count === 0) return `none of ${seeds} starts succeeds (less than ${rest} do, at 95 % confidence)`;
  const share = count / seeds;
  const error = Math.sqrt((share * (1 - share)) / seeds);
  return `${count} of ${seeds} starts succeed, ${percent(share)} with a standard error of ${percent(error)}`;
}

/** Positions at the start of a run: the first numbers drawn for it, sorted. @param {Bank} bank @param {number} run @param {number} neurons */
export function startOf(bank, run, neurons) {
  const { data, shape } = bank.arrays.draws;
  return Array.from(data.subarray(run * shape[1], run * shape[1] + neurons)).sort((a, b) => a - b);
}

/** Where a value stands among increasing ones, as a broken index on a logarithmic scale. @param {number[]} all @param {number} value */
export function placeAmong(all, value) {
  const after = all.findIndex((other) => other >= value);
  if (after <= 0) return after;
  return after - Math.log(all[after] / value) / Math.log(all[after] / all[after - 1]);
}

/** What the mouse points at, by the table of its lab. @type {WeakMap<Bank, Cell>} */
export const pointed = new WeakMap();

/** The cell whose runs are shown: the one pointed at, else the chosen one. @param {Frame} frame */
export function shownCell({ state, bank }) {
  return (bank && pointed.get(bank)) ?? cellOf(state, bank);
}

/** Smallest and largest loss that a picture shows: those of all flows, with some room. @param {Bank} bank @returns {[number, number]} */
export function lossRange(bank) {
  let [low, high] = [bank.header.success, bank.header.success];
  for (const loss of bank.arrays.losses.data) {
    low = Math.min(low, loss);
    high = Math.max(high, loss);
  }
  return [0.7 * low, 1.5 * high];
}
