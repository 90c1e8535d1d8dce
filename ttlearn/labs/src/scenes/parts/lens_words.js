/** The lab of three lenses in words and numbers. */

import { words } from "../../shell/format.js";
import { atBest, landmarks, levels, now, PROBLEM, shown, turned } from "./lens_view.js";
import { classify } from "../../engines/relu_classify.js";
import { row } from "./steps.js";

/** @import {Frame, TableData} from "../../shell/types" */

const TOLERANCE = 1e-3; // of the verdict on a point that descent only comes near to

/** @param {number} angle degrees */
const degrees = (angle) => `${words(angle, 2)}°`;

/** @param {Frame} frame */
export function summary(frame) {
  const view = shown(frame);
  if (!view) return "The network is being trained.";
  return `At time ${words(frame.time)}: ${saddles(frame, view)}; ${direction(view)}; ${timescales(view)}.`;
}

/** @param {Frame} frame @param {NonNullable<ReturnType<typeof shown>>} view */
function saddles({ state }, { run, losses, at }) {
  const loss = losses[at];
  const { kind, level } = classify(PROBLEM, row(run, "parameters", at), TOLERANCE);
  if (kind === "saddle") return `the run stands at a saddle, n = ${level} (loss ${words(loss)}, lens 3)`;
  if (kind !== "not critical") return `the run is at a ${kind} (loss ${words(loss, 2)}, lens 3)`;
  const { nearest, off } = levels(state, loss);
  const where = Math.abs(off) < 0.02 ? "at" : off > 0 ? "above" : "below";
  return `loss ${words(loss)} is ${where} the saddles' level n = ${nearest.level} (lens 3)`;
}

/** @param {NonNullable<ReturnType<typeof shown>>} view */
function direction({ run, times, at }) {
  const { moved } = landmarks(run);
  const left = turned(run, at, times.length - 1);
  if (moved < 0) return `the loss never moves, and the directions turn by ${degrees(left)} more (lens 2)`;
  if (at <= moved) return `the directions turn by ${degrees(turned(run, at, moved))} before 1 % of the loss is gone, at time ${words(times[moved])} (lens 2)`;
  return `the directions have turned by ${degrees(turned(run, moved, at))} since 1 % of the loss was gone, at time ${words(times[moved])} (lens 2)`;
}

/** @param {NonNullable<ReturnType<typeof shown>>} view */
function timescales({ run, losses, at }) {
  const best = now(run, "best_loss", at);
  if (atBest(losses[at], best)) return "the outer layer is at its best for them (lens 1)";
  return `the best outer layer for them would have ${words(best, 2)} (lens 1)`;
}

/** @param {Frame} frame @returns {TableData} */
export function table(frame) {
  const { neurons, timescale_ratio } = frame.state;
  const numbers = Array.from({ length: neurons }, (_, j) => j);
  const columns = ["time", "slow time", "loss", "with the best outer layer", "gradient", "lowest eigenvalue", "felt", ...numbers.map((j) => `direction ${j + 1}`), ...numbers.map((j) => `size ${j + 1}`)];
  const view = shown(frame);
  if (!view) return { columns, rows: [] };
  const { run, losses, times } = view;
  const rows = Array.from(times, (time, k) => [
    time, time * timescale_ratio, losses[k], ...["best_loss", "gradient_norm", "lowest_curvature", "felt_curvature"].map((name) => now(run, name, k)),
    ...Array.from(row(run, "directions", k), (angle) => (angle * 180) / Math.PI), ...row(run, "norms", k),
  ]);
  return { columns, rows };
}
