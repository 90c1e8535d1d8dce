// @ts-check
/**
 * Runge-Kutta-Chebyshev of order 2 (Sommeijer, Shampine & Verwer 1998) for y' = F(y).
 *
 * Its stages widen the stable interval of the negative real axis like their square. That suits a
 * gradient flow, whose spectrum is real and stiff only mildly.
 */
import { is_bounded } from "./arrays.js";

/** @typedef {(state: Float64Array, out: Float64Array) => void} Field */

/**
 * What an integration gives. `reason` is "done", "diverged" (a state that is not finite or larger
 * than `bound`) or "too many steps"; `states` holds the times reached before that.
 *
 * @typedef {object} Integration
 * @property {Float64Array[]} states one for each time reached
 * @property {"done" | "diverged" | "too many steps"} reason
 * @property {number} time the time reached
 * @property {number} steps accepted steps
 * @property {number} evaluations of the field
 */

/**
 * @typedef {object} Options
 * @property {number} tolerance error allowed in each step, in units of `scale`
 * @property {Float64Array} scale size of each component: what an error is compared with
 * @property {number} [max_steps] default 200000
 * @property {number} [bound] largest component before the run counts as diverged; default 1e12
 * @property {number} [evaluations_between] two yields; default 500
 */

const MOST_STAGES = 2000;
const STEPS_PER_RADIUS = 20;

/**
 * Coefficients of the s-stage method.
 *
 * @param {number} s at least 2
 * @returns {{count: number, first: number, rows: {mu: number, nu: number, own: number, start: number}[]}}
 */
function chebyshev_stages(s) {
  const w0 = 1 + 2 / (13 * s * s);
  const t = [1, w0];
  const d = [0, 1];
  const dd = [0, 0];
  for (let j = 2; j <= s; j++) {
    t[j] = 2 * w0 * t[j - 1] - t[j - 2];
    d[j] = 2 * t[j - 1] + 2 * w0 * d[j - 1] - d[j - 2];
    dd[j] = 4 * d[j - 1] + 2 * w0 * dd[j - 1] - dd[j - 2];
  }
  const w1 = d[s] / dd[s];
  const b = d.map((_, j) => dd[Math.max(j, 2)] / d[Math.max(j, 2)] ** 2);
  const rows = [];
  for (let j = 2; j <= s; j++) {
    const own = (2 * b[j] * w1) / b[j - 1];
    rows.push({
      mu: (2 * b[j] * w0) / b[j - 1],
      nu: -b[j] / b[j - 2],
      own,
      start: -(1 - b[j - 1] * t[j - 1]) * own,
    });
  }
  return { count: s, first: b[1] * w1, rows };
}

/** One integration's state and memory. */
class Run {
  /**
   * @param {Field} field
   * @param {Float64Array} start
   * @param {Float64Array} scale
   */
  constructor(field, start, scale) {
    const empty = () => new Float64Array(start.length);
    this.field = field;
    this.scale = scale;
    this.y = Float64Array.from(start);
    this.f = empty();
    this.next = empty();
    this.f_next = empty();
    this.work = [empty(), empty(), empty()];
    this.evaluations = 1;
    field(this.y, this.f);
    this.direction = Float64Array.from(this.f, (value) => value || 1);
    this.stages = chebyshev_stages(2);
    this.radius = 0;
    this.find_radius();
  }

  /** Spectral radius of the field's Jacobian, by a power method on differences of the field. */
  find_radius() {
    const { field, y, f, scale, direction } = this;
    const [probe, slope] = this.work;
    let radius = 0;
    for (let round = 0; round < 30; round++) {
      const size = scaled_norm(direction, scale);
      if (!(size > 0)) break;
      const shrink = 1e-7 / size;
      for (let i = 0; i < y.length; i++) probe[i] = y[i] + shrink * direction[i];
      field(probe, slope);
      this.evaluations++;
      for (let i = 0; i < y.length; i++) direction[i] = (slope[i] - f[i]) / shrink;
      const before = radius;
      radius = scaled_norm(direction, scale) / size;
      if (!Number.isFinite(radius)) break;
      if (round > 1 && Math.abs(radius - before) <= 0.02 * radius) break;
    }
    // A direction that vanished or overflowed can teach nothing next time.
    const useful = Number.isFinite(radius) && scaled_norm(direction, scale) > 0;
    if (!useful) direction.set(f.map((value) => value || 1));
    this.radius = Number.isFinite(radius) ? 1.2 * radius : 0;
  }

  /**
   * Try one step into `next`, `f_next`.
   *
   * @param {number} step
   * @returns {number} the error estimate in units of `scale`
   */
  try_step(step) {
    const { field, y, f, next, f_next, scale } = this;
    const count = stage_count(step, this.radius);
    if (this.stages.count !== count) this.stages = chebyshev_stages(count);
    const { stages } = this;
    let [older, newer, slope] = this.work;
    const n = y.length;
    older.set(y);
    for (let i = 0; i < n; i++) newer[i] = y[i] + stages.first * step * f[i];
    for (const { mu, nu, own, start } of stages.rows) {
      field(newer, slope);
      const rest = 1 - mu - nu;
      for (let i = 0; i < n; i++) {
        older[i] =
          rest * y[i] + mu * newer[i] + nu * older[i] + step * (own * slope[i] + start * f[i]);
      }
      [older, newer] = [newer, older];
    }
    next.set(newer);
    field(next, f_next);
    this.evaluations += count;
    for (let i = 0; i < n; i++) {
      slope[i] = 0.8 * (y[i] - next[i]) + 0.4 * step * (f[i] + f_next[i]);
    }
    return scaled_norm(slope, scale);
  }

  accept() {
    [this.y, this.next] = [this.next, this.y];
    [this.f, this.f_next] = [this.f_next, this.f];
  }

  /**
   * Save the states at those times that the step tried last covers.
   *
   * @param {Float64Array[]} states
   * @param {Float64Array} times
   * @param {number} time
   * @param {number} step
   */
  save(states, times, time, step) {
    while (states.length < times.length && times[states.length] <= time + step * (1 + 1e-9)) {
      states.push(this.between(Math.min(1, (times[states.length] - time) / step), step));
    }
  }

  /**
   * The state a part of the way through the step tried last (cubic Hermite).
   *
   * @param {number} part from 0 to 1
   * @param {number} step
   * @returns {Float64Array}
   */
  between(part, step) {
    const { y, f, next, f_next } = this;
    const rest = 1 - part;
    return y.map((value, i) => {
      const rise = next[i] - value;
      const bend = rest * (step * f[i] - rise) + part * (rise - step * f_next[i]);
      return rest * value + part * next[i] + part * rest * bend;
    });
  }
}

/**
 * Largest of |vector| / scale.
 *
 * @param {Float64Array} vector
 * @param {Float64Array} scale
 * @returns {number}
 */
function scaled_norm(vector, scale) {
  let largest = 0;
  for (let i = 0; i < vector.length; i++) {
    const size = Math.abs(vector[i]) / scale[i];
    if (Number.isNaN(size)) return Infinity;
    if (size > largest) largest = size;
  }
  return largest;
}

/**
 * Factor for the step after an accepted one, from the last two errors (a PI controller).
 *
 * @param {number} error 1 is what is allowed
 * @param {number} before
 * @returns {number}
 */
function growth(error, before) {
  const [now, last] = [Math.max(error, 1e-6), Math.max(before, 1e-6)];
  return Math.min(5, Math.max(0.2, 0.8 * now ** (-1 / 3) * (last / now) ** (1 / 6)));
}

/**
 * Stages that keep a step stable.
 *
 * @param {number} step
 * @param {number} radius
 * @returns {number}
 */
function stage_count(step, radius) {
  return Math.max(2, 1 + Math.floor(Math.sqrt(1 + 1.54 * step * radius)));
}

/**
 * Integrate y' = F(y) and give the state at chosen times. Yields the part done, from 0 to 1.
 *
 * @param {Field} field
 * @param {Float64Array} start
 * @param {Float64Array} times increasing; the first is where `start` holds
 * @param {Options} options
 * @returns {Generator<number, Integration, unknown>}
 */
export function* stabilised(field, start, times, options) {
  const { tolerance, scale, max_steps = 200000, bound = 1e12 } = options;
  const { evaluations_between = 500 } = options;
  const run = new Run(field, start, scale);
  const [first, end] = [times[0], times[times.length - 1]];
  /** @type {Float64Array[]} */
  const states = [Float64Array.from(start)];
  let [time, steps, yielded, last_error] = [first, 0, 0, 1];
  let step = Math.min(end - first, 0.25 / (run.radius || 1 / (end - first)));
  let age = 0;
  /** @param {Integration["reason"]} reason */
  const result = (reason) => ({ states, reason, time, steps, evaluations: run.evaluations });
  while (states.length < times.length) {
    if (steps >= max_steps) return result("too many steps");
    if (age >= STEPS_PER_RADIUS) {
      run.find_radius();
      age = 0;
    }
    const longest = ((MOST_STAGES - 1) ** 2 - 1) / (1.54 * run.radius);
    step = Math.min(step, (end - time) * (1 + 1e-12), run.radius > 0 ? longest : Infinity);
    const error = run.try_step(step) / tolerance;
    if (!(error <= 1)) {
      if (!(step > 1e-14 * (end - first))) return result("diverged");
      step *= Number.isFinite(error) ? Math.max(0.1, 0.8 * error ** (-1 / 3)) : 0.1;
      // A refused step often means that the radius grew.
      if (age > 0) age = STEPS_PER_RADIUS;
      continue;
    }
    if (!is_bounded(run.next, bound)) return result("diverged");
    run.save(states, times, time, step);
    run.accept();
    time += step;
    steps++;
    age++;
    step *= growth(error, last_error);
    last_error = error;
    if (run.evaluations - yielded >= evaluations_between) {
      yielded = run.evaluations;
      yield (time - first) / (end - first);
    }
  }
  return result("done");
}
