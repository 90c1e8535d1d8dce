/** The two-timescale lab: both losses, the limit's, and the levels where a loss can come to rest. */

import { loss_floor } from "../../engines/step_network.js";
import { words } from "../../shell/format.js";
import { COLOUR, shownRun, shownTime, sideNow, timeAxis } from "./step_panels.js";
import { localMinima } from "./steps.js";

/** @import {Frame, PanelDefinition} from "../../shell/types" */
/** @import {Plot} from "../../shell/plot.js" */
/** @import {Trajectory} from "../../engines/types" */
/** @import {Side} from "./step_panels.js" */

/** @returns {PanelDefinition} */
export function lossPanel() {
  return {
    name: "loss",
    label: "Loss over slow time",
    height: 250,
    wide: true,
    title(frame) {
      const left = sideNow(frame, "ordinary");
      const right = sideNow(frame, "slow");
      if (!left || !right) return "Loss";
      return `Loss ${words(left.loss, 2)} on the left, ${words(right.loss, 2)} on the right; the floor is ${words(loss_floor(frame.state.values, frame.state.activation_width), 2)}`;
    },
    draw(plot, frame) {
      const { values, jumps, activation_width } = frame.state;
      const floor = loss_floor(values, activation_width);
      const roomy = plot.width > 560;
      plot.frame({ x: timeAxis(frame), y: { domain: lossDomain(frame, floor), log: true, label: "loss" }, margin: { right: roomy ? 150 : 14 } });
      drawLevels(plot, localMinima(jumps, values), floor, roomy);
      plot.rule("now", { x: shownTime(frame) }, "ttl-now");
      const { limit } = frame.runs;
      if (limit?.losses && frame.state.mode !== "limit") plot.curve("limit", limit.times, plusFloor(limit, floor), "ttl-limit ttl-dash");
      if (limit?.losses && frame.state.mode !== "limit") plot.label("limit name", frame.times[1], limit.losses[0] + floor, "limit", { className: "ttl-fill-limit", dx: 6, dy: 14 });
      const left = sideNow(frame, "ordinary")?.loss ?? Number.NaN;
      const right = sideNow(frame, "slow")?.loss ?? Number.NaN;
      drawLoss(plot, frame, "ordinary", left < right ? 15 : -7);
      drawLoss(plot, frame, "slow", left < right ? -7 : 15);
    },
  };
}

/**
 * Levels where a loss can come to rest: the floor, and one missed jump. Named beside the plot where there is room.
 * @param {Plot} plot
 * @param {{loss: number, missed: number[]}[]} minima
 * @param {number} floor
 * @param {boolean} roomy
 */
function drawLevels(plot, minima, floor, roomy) {
  const at = plot.x.domain()[roomy ? 1 : 0];
  const place = (/** @type {string} */ key, /** @type {number} */ y, /** @type {string} */ text, className = "") =>
    plot.label(key, at, y, text, { className, dx: 8, dy: roomy ? 4 : -4 });
  plot.rule("floor", { y: floor }, "ttl-floor ttl-dash");
  place("floor label", floor, `floor ${words(floor, 2)}`, "ttl-fill-floor");
  let above = Number.NEGATIVE_INFINITY;
  for (const { loss, missed } of [...minima].sort((a, b) => b.loss - a.loss)) {
    plot.rule(`minimum ${loss}`, { y: loss + floor }, "ttl-ink ttl-dots");
    const y = plot.y(loss + floor);
    if (y - above < 13) continue; // two labels on one another
    above = y;
    place(`minimum label ${loss}`, loss + floor, roomy ? `${words(loss, 2)}: ${missed.map((jump) => words(jump)).join(" or ")} missed` : words(loss, 2));
  }
}

/** @param {Plot} plot @param {Frame} frame @param {Side} side @param {number} dy of the name */
function drawLoss(plot, frame, side, dy) {
  const now = sideNow(frame, side);
  if (!now?.run.losses) return;
  plot.curve(side, now.run.times, now.run.losses, `ttl-${COLOUR[side]}${side === "slow" ? " ttl-thick" : ""}`);
  plot.dot(`now ${side}`, now.time, now.loss, 4.5, `ttl-fill-${COLOUR[side]}`);
  const text = side === "ordinary" ? "left" : "right";
  plot.label(`name ${side}`, now.time, now.loss, text, { className: `ttl-fill-${COLOUR[side]}`, anchor: "end", dx: -8, dy });
}

/** @type {WeakMap<Float64Array, {floor: number, losses: Float64Array}>} */
const lifted = new WeakMap();

/** The limit's loss with the floor added, the same object while nothing changes. @param {Trajectory} run @param {number} floor */
function plusFloor(run, floor) {
  const losses = /** @type {Float64Array} */ (run.losses);
  let known = lifted.get(losses);
  if (!known || known.floor !== floor) {
    known = { floor, losses: losses.map((loss) => loss + floor) };
    lifted.set(losses, known);
  }
  return known.losses;
}

/** Whole decades around what is seen. @param {Frame} frame @param {number} floor @returns {[number, number]} */
function lossDomain(frame, floor) {
  let high = floor * 10;
  for (const side of /** @type {Side[]} */ (["ordinary", "slow"])) {
    const first = shownRun(frame, side)?.losses?.[0] ?? 0;
    if (Number.isFinite(first)) high = Math.max(high, first);
  }
  return [10 ** Math.floor(Math.log10(Math.max(floor, 1e-6) * 0.7)), 10 ** Math.ceil(Math.log10(high * 1.2))];
}
