// @ts-check
/**
 * Gradient descent of a balanced linear network, with the part across the teacher in a variable of
 * its own. The network of depth N is a vector p = (a, b) and N - 1 equal scalars u; with
 * U = u^(N-1), w = U p and m at |w|:
 * a += step_size U (k - m U a), b *= 1 - step_size U^2 m,
 * u += step_size u^(N-2) (k a - m U (a^2 + b^2)).
 * b is carried as a sign and a logarithm, so angles of 1e-233 and smaller are numbers like any other.
 */
import { is_bounded, trajectory } from "./arrays.js";
import { finite_array, number_in, positive, refuse, whole_in } from "./checks.js";
import { drain } from "./drain.js";
import { make_law } from "./law.js";
import { angle_of, log_half_angle, polar_loss } from "./linear_predictor.js";

/** @import {Progress, Trajectory} from "./types" */
/** @import {Law, LawName} from "./law.js" */

/**
 * @typedef {object} DescentParameters
 * @property {LawName} law
 * @property {number} norm at step 0; 0 is allowed at depth 1
 * @property {number} angle to the teacher at step 0, from 0 to pi
 * @property {number} step_size above 0
 * @property {ArrayLike<number>} steps step numbers to save at, increasing
 * @property {number} [depth] number of layers, 1 (default) to 100
 */

const CHUNK = 5000;
const NAMES = /** @type {const} */ ([
  "along",
  "log_across",
  "sign",
  "norm",
  "angle",
  "log_half_angle",
  "sharpness",
]);

/** One run's state. */
class Descent {
  /**
   * @param {Law} law
   * @param {number} depth
   * @param {number} step_size
   * @param {number} norm
   * @param {number} angle
   */
  constructor(law, depth, step_size, norm, angle) {
    this.law = law;
    this.depth = depth;
    this.step_size = step_size;
    this.outer = depth > 1 ? norm ** (1 / depth) : 1;
    const inner = depth > 1 ? norm / this.outer ** (depth - 1) : norm;
    this.along = inner * Math.cos(angle);
    this.log_across = angle === Math.PI ? -Infinity : Math.log(inner * Math.sin(angle));
    this.sign = 1;
  }

  advance() {
    const { law, depth, step_size, along, outer } = this;
    const gain = outer ** (depth - 1);
    const across = Math.exp(this.log_across);
    const shrink = law.m(Math.abs(gain) * Math.hypot(along, across));
    const factor = 1 - step_size * gain * gain * shrink;
    if (depth > 1) {
      const inner = law.k * along - shrink * gain * (along * along + across * across);
      this.outer = outer + step_size * outer ** (depth - 2) * inner;
    }
    this.along = along + step_size * gain * (law.k - shrink * gain * along);
    this.log_across += Math.log(Math.abs(factor));
    this.sign *= Math.sign(factor);
  }

  /** @returns {Record<typeof NAMES[number], number>} */
  view() {
    const gain = this.outer ** (this.depth - 1);
    const along = gain * this.along;
    const log_across = this.log_across + Math.log(Math.abs(gain));
    const norm = Math.hypot(along, Math.exp(log_across));
    const y = norm === 0 ? -Infinity : log_half_angle(along, log_across);
    return {
      along,
      log_across,
      sign: this.sign * Math.sign(gain),
      norm,
      angle: angle_of(y),
      log_half_angle: y,
      sharpness: gain * gain * this.law.m(norm),
    };
  }

  /** @returns {boolean} */
  is_finite() {
    const across = Math.exp(this.log_across);
    return is_bounded([this.along * this.outer ** (this.depth - 1), this.outer, across]);
  }
}

/**
 * @param {unknown} steps
 * @returns {Float64Array}
 */
function checked_steps(steps) {
  const list = finite_array("steps", steps);
  const good = list.every((step, k) => Number.isInteger(step) && step > (list[k - 1] ?? -1));
  if (list.length === 0 || !good) refuse("steps", steps, "increasing whole numbers from 0 on");
  return list;
}

/**
 * @param {DescentParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run(parameters) {
  const law = make_law(parameters.law);
  const depth = whole_in("depth", parameters.depth ?? 1, 1, 100);
  const norm = number_in("norm", parameters.norm, 0, 1e12);
  if (norm === 0 && depth > 1) refuse("norm", norm, "a norm above 0: 0 is a saddle from depth 2 on");
  const angle = number_in("angle", parameters.angle, 0, Math.PI);
  const step_size = positive("step_size", parameters.step_size);
  const steps = checked_steps(parameters.steps);
  const descent = new Descent(law, depth, step_size, norm, angle);
  const last = steps[steps.length - 1];
  /** @type {ReturnType<Descent["view"]>[]} */
  const rows = [];
  let done = 0;
  let finite = true;
  for (const goal of steps) {
    while (done < goal && finite) {
      descent.advance();
      done++;
      finite = descent.is_finite();
      if (done % CHUNK === 0) yield { progress: done / last };
    }
    if (!finite) break;
    rows.push(descent.view());
  }
  const shape = [rows.length];
  const arrays = Object.fromEntries(
    NAMES.map((name) => [name, { data: Float64Array.from(rows, (row) => row[name]), shape }]),
  );
  return trajectory({
    times: steps.slice(0, rows.length),
    arrays,
    losses: Float64Array.from(rows, (row) => polar_loss(law, row.norm, row.log_half_angle)),
    note: finite ? "" : `Diverged at step ${done}: a smaller step size helps.`,
    meta: { time: "step", steps: done, ...(finite ? {} : { stopped: done }) },
  });
}

/**
 * @param {DescentParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}

/**
 * Norm at which fixed-step descent of depth N >= 3 loses stability across the teacher:
 * (2 / (step_size k))^(N / (N - 2)). Infinite at depth 1, and at depth 2 while step_size k < 2.
 *
 * @param {Law} law
 * @param {number} step_size
 * @param {number} depth
 * @returns {number}
 */
export function critical_norm(law, step_size, depth) {
  if (depth === 1) return Infinity;
  if (depth === 2) return step_size * law.k < 2 ? Infinity : 0;
  return (2 / (step_size * law.k)) ** (depth / (depth - 2));
}
