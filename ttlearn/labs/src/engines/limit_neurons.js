// @ts-check
/**
 * Who is where in the two-timescale limit: neurons sorted by position, the piece of the target each
 * is in, who stands on a jump, how fast they move, and Filippov's rule on a jump.
 */
import { refuse } from "./checks.js";

/** Velocities on the two sides of a jump smaller than this, relative to the larger one, count as 0. */
const SIGN_TOLERANCE = 1e-12;
const FREE = -1;

/** Neurons sorted by position, with the piece each is in and the jump each sticks to. */
export class Neurons {
  /**
   * @param {Float64Array} jumps
   * @param {Float64Array} values
   * @param {Float64Array} positions sorted
   * @param {number} factor
   */
  constructor(jumps, values, positions, factor) {
    this.jumps = jumps;
    this.values = values;
    this.factor = factor;
    this.u = Float64Array.from(positions);
    this.piece = new Int32Array(positions.length);
    this.stuck = new Int32Array(positions.length).fill(FREE);
    this.means = new Float64Array(positions.length + 1);
    this.velocity = new Float64Array(positions.length);
    /** @type {import("./dormand_prince.js").TimedField} */
    this.field = (_time, u, out) => this.velocities(u, out);
  }

  /**
   * Place every neuron in its piece; those that start on a jump follow Filippov's rule.
   *
   * @returns {void}
   */
  settle() {
    const { jumps, u, piece, stuck } = this;
    for (let j = 0; j < u.length; j++) {
      while (piece[j] < jumps.length && jumps[piece[j]] < u[j]) piece[j]++;
      if (piece[j] < jumps.length && jumps[piece[j]] === u[j]) stuck[j] = piece[j];
    }
    for (let j = 0; j < u.length; j++) {
      if (stuck[j] === FREE) continue;
      const [before, after] = this.one_sided(j, u);
      if (before < 0 && after > 0) {
        const where = `${u[j]}, a jump that pushes away on both sides`;
        refuse("a neuron's position", where, "a place beside the jump: the path is not unique");
      }
      this.decide(j);
    }
  }

  /**
   * Mean of the target over the cell between two neurons (k = 0: from 0; k = m: to 1).
   *
   * @param {number} k the cell to the left of neuron k
   * @param {Float64Array} u
   * @returns {number}
   */
  cell_mean(k, u) {
    const { jumps, values, piece, stuck } = this;
    const last = k < u.length ? piece[k] : jumps.length;
    let first = 0;
    if (k > 0) first = stuck[k - 1] === FREE ? piece[k - 1] : piece[k - 1] + 1;
    // Two on one jump: the cell between them has lost its length, half of it on each side.
    if (first > last) return (values[first] + values[last]) / 2;
    if (first === last) return values[first];
    let sum = 0;
    let length = 0;
    for (let i = first; i <= last; i++) {
      const left = i > first ? jumps[i - 1] : k > 0 ? inside(u[k - 1]) : 0;
      const right = i < last ? jumps[i] : k < u.length ? inside(u[k]) : 1;
      sum += values[i] * (right - left);
      length += right - left;
    }
    return sum / length;
  }

  /**
   * @param {Float64Array} u
   * @param {Float64Array} out
   */
  velocities(u, out) {
    const { means, values, piece, stuck, factor } = this;
    for (let k = 0; k <= u.length; k++) means[k] = this.cell_mean(k, u);
    for (let j = 0; j < u.length; j++) {
      const level = values[piece[j]];
      const still = stuck[j] !== FREE || u[j] <= 0 || u[j] >= 1;
      out[j] = still ? 0 : factor * ((level - means[j + 1]) ** 2 - (level - means[j]) ** 2);
    }
  }

  /**
   * The velocities that a neuron on a jump would have just left and just right of it.
   *
   * @param {number} j
   * @param {Float64Array} u
   * @returns {[number, number]}
   */
  one_sided(j, u) {
    const { values, stuck } = this;
    const left = this.cell_mean(j, u);
    const right = this.cell_mean(j + 1, u);
    const [below, above] = [values[stuck[j]], values[stuck[j] + 1]];
    const before = (below - right) ** 2 - (below - left) ** 2;
    const after = (above - right) ** 2 - (above - left) ** 2;
    const small = SIGN_TOLERANCE * Math.max(Math.abs(before), Math.abs(after));
    return [Math.abs(before) <= small ? 0 : before, Math.abs(after) <= small ? 0 : after];
  }

  /**
   * Let a neuron on a jump stay, or leave to a side.
   *
   * @param {number} j
   */
  decide(j) {
    const [before, after] = this.one_sided(j, this.u);
    if (before >= 0 && after <= 0) return;
    this.piece[j] = after > 0 ? this.stuck[j] + 1 : this.stuck[j];
    this.stuck[j] = FREE;
  }

  /**
   * Least distance left before an event; negative when a step passed one.
   *
   * @param {Float64Array} u
   * @returns {number}
   */
  margin(u) {
    const { jumps, piece, stuck } = this;
    let least = 1;
    for (let j = 0; j < u.length; j++) {
      if (stuck[j] !== FREE) {
        const [before, after] = this.one_sided(j, u);
        least = Math.min(least, before, -after);
      } else {
        if (piece[j] > 0) least = Math.min(least, u[j] - jumps[piece[j] - 1]);
        if (piece[j] < jumps.length) least = Math.min(least, jumps[piece[j]] - u[j]);
      }
    }
    return least;
  }

  /**
   * Put neurons that reached a jump onto it, and apply the rule to all that are on one.
   *
   * @param {Float64Array} velocity before the event
   * @returns {{neuron: number, jump: number, crossed: boolean}[]}
   */
  arrive(velocity) {
    const { jumps, u, piece, stuck } = this;
    const arrived = [];
    for (let j = 0; j < u.length; j++) {
      if (stuck[j] !== FREE || velocity[j] === 0) continue;
      const jump = velocity[j] > 0 ? piece[j] : piece[j] - 1;
      const distance = (jumps[jump] - u[j]) * Math.sign(velocity[j]);
      if (!(distance <= 1e-13)) continue;
      u[j] = jumps[jump];
      stuck[j] = jump;
      piece[j] = jump;
      arrived.push({ neuron: j, jump });
    }
    for (let j = 0; j < u.length; j++) if (stuck[j] !== FREE) this.decide(j);
    return arrived.map((hit) => ({ ...hit, crossed: stuck[hit.neuron] === FREE }));
  }
}

/**
 * @param {number} x
 * @returns {number}
 */
function inside(x) {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}
