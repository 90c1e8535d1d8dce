// @ts-check
/**
 * Gradient flow of a balanced linear network under a spherically symmetric law:
 * d(ln norm)/dt = N norm^(1-2/N) [g(norm) - 2 k sigma(2 y)], dy/dt = -k norm^(1-2/N),
 * y = ln tan(angle / 2). Time runs logarithmically inside, so a run to 1e8 costs about as much as
 * one to 1e2. At depth 1 the state is (v.w, ln of the length across), which passes the origin.
 */
import { trajectory } from "./arrays.js";
import { number_in, positive, refuse, times_from_zero, whole_in } from "./checks.js";
import { dormand_prince } from "./dormand_prince.js";
import { drain } from "./drain.js";
import { make_law } from "./law.js";
import { angle_of, log_half_angle, misalignment, polar_loss } from "./linear_predictor.js";

/** @import {Progress, Trajectory} from "./types" */
/** @import {Law, LawName} from "./law.js" */
/** @import {TimedField} from "./dormand_prince.js" */

/**
 * @typedef {object} FlowParameters
 * @property {LawName} law
 * @property {number} norm at time 0, above 0
 * @property {number} angle to the teacher at time 0, from 0 to pi
 * @property {ArrayLike<number>} times to save at, from 0
 * @property {number} [depth] number of layers, 1 (default) to 100
 * @property {number} [relative_tolerance] of the integrator; default 1e-9
 */

/** exp of this is exactly 0: stands for the logarithm of 0 */
const FAINT = -1e4;

/**
 * (ln norm, y) at depth 2 or more; on the two rays through the teacher y stays infinite.
 *
 * @param {Law} law
 * @param {number} depth
 * @param {number} pole y when it is infinite, else 0
 * @returns {TimedField}
 */
function polar(law, depth, pole) {
  return (log_time, state, out) => {
    const norm = Math.exp(state[0]);
    const stretch = Math.exp(log_time) * norm ** (1 - 2 / depth);
    const pull = law.g(norm) - law.k * misalignment(pole === 0 ? state[1] : pole);
    out[0] = stretch * depth * pull;
    out[1] = pole === 0 ? -stretch * law.k : 0;
  };
}

/**
 * (v.w, ln across) at depth 1.
 *
 * @param {Law} law
 * @returns {TimedField}
 */
function cartesian(law) {
  return (log_time, state, out) => {
    const along = state[0];
    const across = Math.exp(state[1]);
    const norm = Math.hypot(along, across);
    const shrink = law.m(norm);
    const stretch = Math.exp(log_time);
    // k - m a, written so that nothing cancels once w is aligned: g + (k - g)(1 - cos).
    const slant = along > 0 ? (across * across) / (norm * (norm + along)) : 0;
    out[0] =
      stretch *
      (along > 0 ? law.g(norm) + shrink * norm * slant : law.k - shrink * along);
    out[1] = -stretch * shrink;
  };
}

/**
 * @param {FlowParameters} parameters
 * @returns {Generator<Progress, Trajectory, unknown>}
 */
export function* run(parameters) {
  const law = make_law(parameters.law);
  const depth = whole_in("depth", parameters.depth ?? 1, 1, 100);
  const norm = positive("norm", parameters.norm);
  const angle = number_in("angle", parameters.angle, 0, Math.PI);
  const times = times_from_zero("times", parameters.times);
  const relative = parameters.relative_tolerance ?? 1e-9;
  number_in("relative_tolerance", relative, 1e-13, 0.1);
  if (norm > 1e150) refuse("norm", norm, "a norm up to 1e150");
  const on_ray = angle === 0 || angle === Math.PI;
  const pole = on_ray ? (angle === 0 ? -Infinity : Infinity) : 0;
  const straight = depth === 1;
  const start = straight
    ? [norm * Math.cos(angle), on_ray ? FAINT : Math.log(norm * Math.sin(angle))]
    : [Math.log(norm), on_ray ? 0 : Math.log(Math.tan(angle / 2))];
  const field = straight ? cartesian(law) : polar(law, depth, pole);
  const log_times = times.map(Math.log1p);
  const steps = dormand_prince(field, start, log_times, {
    absolute: [1e-2 * relative, 1e-2 * relative],
    relative,
    max_steps: 1000000,
    bound: 1e300,
  });
  let next = steps.next();
  while (!next.done) {
    yield { progress: next.value };
    next = steps.next();
  }
  return record(next.value, times, law, straight, on_ray ? pole : null);
}

/**
 * @param {import("./stabilised.js").Integration} integration
 * @param {Float64Array} times
 * @param {Law} law
 * @param {boolean} straight depth 1: the state is (v.w, ln across)
 * @param {number | null} pole y on a ray through the teacher
 * @returns {Trajectory}
 */
function record({ states, reason, time, ...counts }, times, law, straight, pole) {
  const norms = new Float64Array(states.length);
  const ys = new Float64Array(states.length);
  states.forEach(([first, second], k) => {
    norms[k] = straight ? Math.hypot(first, Math.exp(second)) : Math.exp(first);
    const log_across = pole === null ? second : -Infinity;
    ys[k] = straight ? log_half_angle(first, log_across) : (pole ?? second);
  });
  const shape = [states.length];
  const stopped = Math.expm1(time);
  return trajectory({
    times: times.slice(0, states.length),
    arrays: {
      norm: { data: norms, shape },
      angle: { data: ys.map(angle_of), shape },
      log_half_angle: { data: ys, shape },
    },
    losses: norms.map((size, k) => polar_loss(law, size, ys[k])),
    note: reason === "done" ? "" : `Stopped at time ${stopped.toPrecision(4)}: ${reason}.`,
    meta: { time: "time", ...counts, ...(reason === "done" ? {} : { stopped }) },
  });
}

/**
 * @param {FlowParameters} parameters
 * @returns {Trajectory}
 */
export function simulate(parameters) {
  return drain(run(parameters));
}
