/** The two-timescale lab in words and numbers. */

import { loss_floor } from "../../engines/step_network.js";
import { list, words } from "../../shell/format.js";
import { shownRun, sideNow } from "./step_panels.js";
import { momentAt } from "./steps.js";

/** @import {Frame, TableData} from "../../shell/types" */

/** @param {Frame} frame @param {"ordinary" | "slow"} side */
function half(frame, side) {
  const now = sideNow(frame, side);
  if (!now) return "is still being computed";
  const { missed } = now;
  const places = list(missed.map((/** @type {number} */ jump) => words(jump)));
  const loss = `loss ${words(now.loss, 3)}${now.early ? ` at slow time ${words(now.time)}, where its run ends` : ""}`;
  if (missed.length === 0) return `covers every jump (${loss})`;
  const noun = missed.length === 1 ? "the jump" : "the jumps";
  return `misses ${noun} at ${places} (${loss})`;
}

/** @param {Frame} frame */
export function summary(frame) {
  const { mode, ordinary_ratio, timescale_ratio, values, activation_width, neurons } = frame.state;
  const left = ordinary_ratio === 1 ? "training at equal speeds" : `training at ratio ${words(ordinary_ratio)}`;
  const right = mode === "limit" ? "the two-timescale limit" : `training at ratio ${words(timescale_ratio)}`;
  const floor = words(loss_floor(values, activation_width), 2);
  const who = `${neurons} ${neurons === 1 ? "neuron" : "neurons"}`;
  return `At slow time ${words(frame.time)}, with ${who} from the same start, ${left} ${half(frame, "ordinary")}, while ${right} ${half(frame, "slow")}; the floor is ${floor}.`;
}

/** @param {Frame} frame @returns {TableData} */
export function table(frame) {
  const { neurons } = frame.state;
  const left = shownRun(frame, "ordinary");
  const right = shownRun(frame, "slow");
  const { limit } = frame.runs;
  const numbers = Array.from({ length: neurons }, (_, j) => j);
  const columns = ["slow time", "loss left", "loss right", "loss limit", ...numbers.map((j) => `position ${j + 1} left`), ...numbers.map((j) => `position ${j + 1} right`)];
  const rows = Array.from(frame.times, (time) => [
    time,
    ...[left, right, limit].map((run) => at(run, time, (k) => run?.losses?.[k])),
    ...[left, right].flatMap((run) => numbers.map((j) => at(run, time, (k) => run?.arrays.positions.data[k * neurons + j]))),
  ]);
  return { columns, rows };
}

/**
 * A run's number at a time; NaN where the run does not reach it.
 * @param {import("../../engines/types").Trajectory | undefined} run
 * @param {number} time
 * @param {(index: number) => number | undefined} read
 */
function at(run, time, read) {
  if (!run || run.times.length === 0) return Number.NaN;
  if (time > run.times[run.times.length - 1] * (1 + 1e-9)) return Number.NaN;
  return read(momentAt(run.times, time)) ?? Number.NaN;
}
