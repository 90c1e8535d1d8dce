/** Panels of the atlas without handles: eigenvalues, and the loss of a descent among the saddles' levels. */

import { count_negative } from "../../engines/relu_curvature.js";
import { critical_levels } from "../../engines/zigzag.js";
import { words } from "../../shell/format.js";
import { view } from "./atlas_view.js";
import { signedLog } from "./saddles.js";

/** @import {PanelDefinition} from "../../shell/types" */

const FLOOR = 1e-10;
const MARKS = [-1, -0.1, -0.01, 0, 0.01, 0.1, 1, 10, 100];

/** @type {PanelDefinition} */
export const spectrumPanel = {
  name: "spectrum",
  label: "Eigenvalues of the Hessian, on a signed logarithmic scale",
  height: 280,
  title(frame) {
    const { main, reason } = view(frame);
    if (!main) return `No Hessian: ${reason}`;
    const text = `${count_negative(main.values)} of ${main.values.length} eigenvalues are negative, the lowest is ${words(tiny(main.values), 3)}`;
    return reason ? `No Hessian; one-sided, kink inside: ${text}` : text;
  },
  draw(plot, frame) {
    const { main, other } = view(frame);
    const values = [...(main?.values ?? []), ...(other?.values ?? [])];
    const high = Math.max(3.6, ...values.map((value) => signedLog(value) + 0.3));
    const low = Math.min(-2.4, ...values.map((value) => signedLog(value) - 0.3));
    const shown = MARKS.filter((mark) => signedLog(mark) >= low && signedLog(mark) <= high);
    const format = (/** @type {number} */ y) => words(shown[shown.findIndex((mark) => signedLog(mark) === y)] ?? 0);
    const count = main?.values.length ?? 1;
    plot.frame({
      x: { domain: [0.4, count + 0.6], label: "eigenvalue, from low to high", values: [1, count], format: (value) => words(value) },
      y: { domain: [low, high], values: shown.map(signedLog), format },
    });
    plot.box("down", [0.4, count + 0.6], [low, 0], "ttl-fill-target ttl-shade");
    plot.rule("zero", { y: 0 }, "ttl-ink");
    if (!main) plot.label("none", (count + 1) / 2, 0.8, "no Hessian here", { anchor: "middle" });
    const small = 1e-10 * Math.max(...values.map(Math.abs), 1e-300);
    for (const [name, spectrum] of /** @type {const} */ ([["one-sided", other], ["main", main]]))
      spectrum?.values.forEach((value, i) => {
        const kind = Math.abs(value) <= small ? "ink" : value < 0 ? "target" : "network";
        const y = kind === "ink" ? 0 : signedLog(value);
        plot.segment(`${name} stem ${i}`, [i + 1, 0], [i + 1, y], `ttl-curve ttl-${kind} ttl-thick`);
        plot.dot(`${name} ${i}`, i + 1, y, 5, name === "main" && kind !== "ink" ? `ttl-fill-${kind}` : `ttl-fill-page ttl-${kind}`);
      });
  },
};

/** The lowest eigenvalue, 0 when it is rounding. @param {ArrayLike<number>} values ascending */
export function tiny(values) {
  const most = Math.max(Math.abs(values[0]), Math.abs(values[values.length - 1]));
  return Math.abs(values[0]) <= 1e-10 * most ? 0 : values[0];
}

/** @type {PanelDefinition} */
export const lossPanel = {
  name: "loss",
  label: "Loss of gradient descent from here, with the levels of the saddles",
  wide: true,
  height: 210,
  title(frame) {
    const { run } = view(frame);
    if (!run?.losses) return "Gradient descent from here";
    const [start, end] = [run.losses[0], run.losses[run.losses.length - 1]];
    if (end > 0.999 * start) return `${words(frame.state.n_steps, 5)} steps of descent: the loss stays at ${words(start)}`;
    return `${words(frame.state.n_steps, 5)} steps of descent: the loss falls from ${words(start)} to ${words(Math.max(end, 0))}`;
  },
  draw(plot, frame) {
    const { run, problem, verdict } = view(frame);
    const { state } = frame;
    const top = Math.max(0.3, ...(run?.losses ? [2 * run.losses[0]] : []));
    plot.frame({ x: { domain: [0, state.n_steps], label: `steps of size ${words(state.step_size)}` }, y: { domain: [FLOOR, top], log: true, label: "loss" } });
    const levels = critical_levels(problem, state.n_neurons).filter(({ first, level }) => first === "right" || level % 2 === 0);
    levels.forEach(({ level, first, loss }) => {
      plot.rule(`level ${level} ${first}`, { y: loss }, "ttl-limit ttl-dash");
      const name = problem.leak > 0 ? `m = ${level}${level && level % 2 === 0 ? (first === "right" ? " R" : " L") : ""}` : `n = ${level}`;
      const column = levels.length > 4 ? level % 3 : 0;
      plot.label(`name ${level} ${first}`, state.n_steps, loss, name, { className: "ttl-fill-limit", anchor: "end", dx: -4 - 52 * column - (first === "left" ? 52 : 0), dy: -3 });
    });
    plot.rule("now", { x: frame.time }, "ttl-now");
    if (run?.losses) plot.curve("loss", run.times, run.losses.map((loss) => Math.max(loss, FLOOR)), "ttl-network");
    plot.dot("loss now", frame.time, Math.max(FLOOR, verdict.loss), 5, "ttl-fill-network");
  },
};
