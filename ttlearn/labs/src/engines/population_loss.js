// @ts-check
/**
 * Exact population loss and gradient of the step network, fast enough to integrate.
 *
 * Between two neighbouring breakpoints {0, 1, u_j, u_j -+ activation_width/2, jumps} the residual
 * is a cubic, so four Gauss nodes give the loss and both gradients exactly, for any overlap of the
 * neurons' windows and any position. All windows have the same width, so those that cover a gap
 * are neighbours in the order of the positions, and every neuron to their left has reached 1.
 */
import { box_slope, smoothed_step, smoothed_step_slope } from "./activation.js";
import { sort_order } from "./arrays.js";

const OUTER = Math.sqrt(3 / 7 + (2 / 7) * Math.sqrt(6 / 5));
const INNER = Math.sqrt(3 / 7 - (2 / 7) * Math.sqrt(6 / 5));
const NODES = [-OUTER, -INNER, INNER, OUTER];
const HEAVY = (18 + Math.sqrt(30)) / 72;
const LIGHT = (18 - Math.sqrt(30)) / 72;
const WEIGHTS = [LIGHT, HEAVY, HEAVY, LIGHT];

/**
 * The loss of one network size on one target, with the memory it needs. States are flat:
 * [a_0, a_1, ..., a_m, u_1, ..., u_m].
 */
export class PopulationLoss {
  /**
   * @param {ArrayLike<number>} jumps
   * @param {ArrayLike<number>} values
   * @param {number} neurons m
   * @param {number} activation_width positive
   * @param {"exact" | "box"} [slope]
   */
  constructor(jumps, values, neurons, activation_width, slope = "exact") {
    this.jumps = jumps;
    this.values = values;
    this.neurons = neurons;
    this.width = activation_width;
    this.weigh = slope === "box" ? box_slope : smoothed_step_slope;
    const points = 2 + jumps.length + 3 * neurons;
    this.points = new Float64Array(points);
    this.point_order = Int32Array.from({ length: points }, (_, i) => i);
    this.neuron_order = Int32Array.from({ length: neurons }, (_, i) => i);
    this.positions = new Float64Array(neurons);
    /** the residual integrated up to where each neuron's window closes */
    this.closed_at = new Float64Array(neurons);
    this.gradient = new Float64Array(2 * neurons + 1);
    /** of the windows that cover a gap: place in the window, and S there */
    this.places = new Float64Array(neurons);
    this.shares = new Float64Array(neurons);
    /** sums over the gap swept last */
    this.gap_loss = 0;
    this.gap_total = 0;
  }

  /**
   * The loss at `state`; `this.gradient` receives its gradient (with "box", the surrogate's).
   *
   * @param {Float64Array} state
   * @returns {number}
   */
  evaluate(state) {
    const { points, point_order, neuron_order, positions, gradient, neurons: m } = this;
    this.sort_breakpoints(state);
    gradient.fill(0);
    const half = this.width / 2;
    let open = 0; // windows before this one, in order, have closed
    let coming = 0; // windows from this one on have not opened
    let piece = 0;
    let plateau = state[0];
    let total = 0;
    let loss = 0;
    for (let gap = 1; gap < points.length; gap++) {
      const left = points[point_order[gap - 1]];
      const right = points[point_order[gap]];
      if (!(right > left)) continue;
      const middle = (left + right) / 2;
      while (coming < m && positions[neuron_order[coming]] - half < middle) coming++;
      while (open < coming && positions[neuron_order[open]] + half <= middle) {
        const j = neuron_order[open++];
        plateau += state[j + 1];
        this.closed_at[j] = total;
      }
      while (piece < this.jumps.length && this.jumps[piece] < middle) piece++;
      this.sweep_gap(state, plateau - this.values[piece], left, right, open, coming);
      loss += this.gap_loss;
      total += this.gap_total;
    }
    for (let i = 0; i < open; i++) {
      const j = neuron_order[i];
      gradient[j + 1] += 2 * (total - this.closed_at[j]);
    }
    gradient[0] = 2 * total;
    return loss;
  }

  /** @param {Float64Array} state */
  sort_breakpoints(state) {
    const { points, positions, neurons: m, width, jumps } = this;
    points[0] = 0;
    points[1] = 1;
    let k = 2;
    for (let i = 0; i < jumps.length; i++) points[k++] = jumps[i];
    for (let j = 0; j < m; j++) {
      const u = state[m + 1 + j];
      positions[j] = u;
      points[k++] = Math.min(1, Math.max(0, u - width / 2));
      points[k++] = Math.min(1, Math.max(0, u));
      points[k++] = Math.min(1, Math.max(0, u + width / 2));
    }
    sort_order(this.point_order, points);
    sort_order(this.neuron_order, positions);
  }

  /**
   * Gauss sums over one gap: into gap_loss, gap_total and the gradient of the windows that cover it.
   *
   * @param {Float64Array} state
   * @param {number} level plateau minus target
   * @param {number} left
   * @param {number} right
   * @param {number} open first covering neuron, in order
   * @param {number} coming one after the last
   */
  sweep_gap(state, level, left, right, open, coming) {
    const length = right - left;
    this.gap_loss = length * level * level;
    this.gap_total = length * level;
    if (open === coming) return;
    const { neuron_order, positions, gradient, width, weigh, places, shares, neurons: m } = this;
    this.gap_loss = 0;
    this.gap_total = 0;
    for (let q = 0; q < 4; q++) {
      const x = (left + right) / 2 + (length / 2) * NODES[q];
      const weight = length * WEIGHTS[q];
      let residual = level;
      for (let i = open; i < coming; i++) {
        const j = neuron_order[i];
        places[i] = (x - positions[j]) / width;
        shares[i] = smoothed_step(places[i]);
        residual += state[j + 1] * shares[i];
      }
      this.gap_loss += weight * residual * residual;
      this.gap_total += weight * residual;
      const push = 2 * weight * residual;
      for (let i = open; i < coming; i++) {
        const j = neuron_order[i];
        gradient[j + 1] += push * shares[i];
        gradient[m + 1 + j] -= (push * state[j + 1] * weigh(places[i])) / width;
      }
    }
  }
}
