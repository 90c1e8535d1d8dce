/** What the atlas says. */

import { words } from "../../shell/format.js";
import { view } from "./atlas_view.js";
import { tiny } from "./atlas_curves.js";
import { verdictWords } from "./saddles.js";

/** @import {Frame, TableData} from "../../shell/types" */

/** @param {number} loss */
function fraction(loss) {
  const whole = Math.round(1 / loss);
  return loss > 1e-6 && whole > 1 && Math.abs(whole * loss - 1) < 1e-9 ? `1/${whole}` : words(loss);
}

/** @param {Frame} frame */
export function summary(frame) {
  const { problem, verdict, main, reason } = view(frame);
  const when = frame.index > 0 ? `After ${words(frame.time, 6)} steps of size ${words(frame.state.step_size)}: ` : "";
  const low = main && !reason ? `; lowest eigenvalue ${words(tiny(main.values))}` : "";
  const why = verdict.kind === "not critical" ? " Gradient descent moves on from here." : ` Why: ${verdict.reasons[0]}.`;
  const none = reason ? ` There is no Hessian: ${reason}.` : "";
  const text = `${when}${verdictWords(problem, verdict)}; loss ${fraction(verdict.loss)}, gradient ${words(verdict.gradient_norm, 2)}${low}.${why}${none}`;
  return `${text[0].toUpperCase()}${text.slice(1)}`;
}

/** @param {Frame} frame @returns {TableData} */
export function table(frame) {
  const { run, start } = view(frame);
  const n = (start.length - 1) / 3;
  const names = ["w", "b", "v"].flatMap((letter) => Array.from({ length: n }, (_, j) => `${letter}${j + 1}`));
  const columns = ["step", "loss", "gradient", ...names, "c"];
  if (!run) return { columns, rows: [["0", Number.NaN, Number.NaN, ...start]] };
  const { parameters, gradient_norm } = run.arrays;
  const width = start.length;
  const rows = Array.from(run.times, (step, k) => [step, run.losses?.[k] ?? Number.NaN, gradient_norm.data[k], ...parameters.data.subarray(k * width, (k + 1) * width)]);
  return { columns, rows };
}
