/** Panels of the lab of three lenses: lens 1, the slow manifold, and lens 3, the saddles. */

import { words } from "../../shell/format.js";
import { least, once, values } from "./directional.js";
import { axis } from "./lens_neurons.js";
import { atBest, landmarks, levels, now, RATE, shown } from "./lens_view.js";

/** @import {Frame, PanelDefinition} from "../../shell/types" */
/** @import {Plot} from "../../shell/plot.js" */

const FLOOR = 1e-9;
const floored = (/** @type {ArrayLike<number>} */ list) => Array.from(list, (value) => Math.max(FLOOR, value));

/** A logarithmic axis that holds all of these, not below `FLOOR`. @param {ArrayLike<number>[]} lists @param {string} label */
function logAxis(lists, label) {
  const low = Math.max(FLOOR, Math.min(1e-3, 0.8 * Math.min(...lists.map(least))));
  const most = Math.max(1, ...lists.flatMap((list) => Array.from(list)));
  return { domain: /** @type {[number, number]} */ ([10 ** Math.floor(Math.log10(low)), 1.6 * most]), log: true, label };
}

/** The cursor, and the moment from which on the loss moves. @param {Plot} plot @param {Frame} frame */
function cursor(plot, frame) {
  const view = shown(frame);
  const moved = view ? landmarks(view.run).moved : -1;
  if (view && moved > 0) plot.rule("moves", { x: view.times[moved] }, "ttl-target ttl-dots");
  plot.rule("now", { x: frame.time }, "ttl-now");
}

/** @type {PanelDefinition} */
export const manifoldPanel = {
  name: "manifold",
  label: "Lens 1: the loss, and the loss with the best outer layer for the inner layer as it is",
  wide: true,
  height: 230,
  title(frame) {
    const view = shown(frame);
    if (!view) return "Lens 1, two time scales";
    const [loss, best] = [view.losses[view.at], now(view.run, "best_loss", view.at)];
    if (atBest(loss, best)) return `Lens 1, two time scales: on the slow manifold, the outer layer is at its best (loss ${words(loss)})`;
    return `Lens 1, two time scales: off the slow manifold, loss ${words(loss)} where the best outer layer has ${words(best, 2)}`;
  },
  draw(plot, frame) {
    const view = shown(frame);
    const best = view ? once(view.run, "best shown", () => floored(values(view.run, "best_loss"))) : [];
    plot.frame({ x: axis(frame), y: logAxis(view ? [view.losses] : [], "loss") });
    if (!view) return;
    cursor(plot, frame);
    const losses = once(view.run, "loss shown", () => floored(view.losses));
    plot.curve("best", view.times, best, "ttl-limit ttl-dash");
    plot.curve("loss", view.times, losses, "ttl-network");
    const seen = Math.max(best[view.at], plot.y.domain()[0]);
    plot.segment("gap", [view.times[view.at], losses[view.at]], [view.times[view.at], seen], "ttl-curve ttl-floor");
    plot.dot("loss now", view.times[view.at], losses[view.at], 4.5, "ttl-fill-network");
    plot.dot("best now", view.times[view.at], seen, 4.5, "ttl-fill-limit");
    plot.label("loss name", frame.state.horizon, plot.y.domain()[1], "loss", { className: "ttl-fill-network", anchor: "end", dx: -6, dy: 14 });
    plot.label("best name", frame.state.horizon, plot.y.domain()[1], "dashed: with the best outer layer", { className: "ttl-fill-limit", anchor: "end", dx: -6, dy: 29 });
  },
};

/** @type {PanelDefinition} */
export const levelsPanel = {
  name: "levels",
  label: "Lens 3: the loss, the levels of the saddles and the size of the gradient",
  height: 250,
  title(frame) {
    const view = shown(frame);
    if (!view) return "Lens 3, saddles";
    const { nearest, off } = levels(frame.state, view.losses[view.at]);
    const slope = `gradient ${words(now(view.run, "gradient_norm", view.at), 2)}`;
    if (Math.abs(off) < 0.02) return `Lens 3, saddles: at the level n = ${nearest.level}, ${slope}`;
    return `Lens 3, saddles: ${off > 0 ? "above" : "below"} the level n = ${nearest.level}, ${slope}`;
  },
  draw(plot, frame) {
    const view = shown(frame);
    const slopes = view ? once(view.run, "slope shown", () => floored(values(view.run, "gradient_norm"))) : [];
    plot.frame({ x: axis(frame), y: logAxis(view ? [view.losses, slopes] : [], "loss, gradient") });
    for (const { level, loss } of levels(frame.state, 1).all) {
      plot.rule(`level ${level}`, { y: loss }, "ttl-limit ttl-dash");
      plot.label(`level name ${level}`, frame.state.horizon, loss, `saddle n = ${level}`, { className: "ttl-fill-limit", anchor: "end", dx: -4, dy: level ? -4 : 13 });
    }
    if (!view) return;
    cursor(plot, frame);
    const losses = once(view.run, "loss shown", () => floored(view.losses));
    plot.curve("gradient", view.times, slopes, "ttl-floor ttl-thin");
    plot.curve("loss", view.times, losses, "ttl-network");
    plot.dot("loss now", view.times[view.at], losses[view.at], 4.5, "ttl-fill-network");
    plot.dot("gradient now", view.times[view.at], slopes[view.at], 3.5, "ttl-fill-floor");
    const low = plot.y.domain()[0];
    plot.label("loss name", 0, low, "loss", { className: "ttl-fill-network", dx: 8, dy: -23 });
    plot.label("gradient name", 0, low, "size of the gradient", { className: "ttl-fill-floor", dx: 8, dy: -8 });
  },
};

/** @type {PanelDefinition} */
export const curvaturePanel = {
  name: "curvature",
  label: "Lens 3: the lowest eigenvalue of the Hessian over time",
  height: 250,
  title(frame) {
    const view = shown(frame);
    if (!view) return "Lens 3, curvature";
    const lowest = now(view.run, "lowest_curvature", view.at);
    if (lowest > -1e-6) return "Lens 3, curvature: no way down";
    const felt = frame.state.timescale_ratio === 1 ? "" : `, felt as ${words(now(view.run, "felt_curvature", view.at))} at this ratio`;
    return `Lens 3, curvature: a way down, lowest eigenvalue ${words(lowest)}${felt}`;
  },
  draw(plot, frame) {
    const view = shown(frame);
    const lowest = view ? values(view.run, "lowest_curvature") : [];
    const felt = view ? values(view.run, "felt_curvature") : [];
    const low = Math.max(-20, Math.min(-1.15, 1.1 * least([...lowest, ...felt])));
    plot.frame({ x: axis(frame), y: { domain: [low, 0.25], label: "lowest eigenvalue", ticks: 5 } });
    plot.rule("zero", { y: 0 }, "ttl-ink");
    plot.rule("rate", { y: -RATE }, "ttl-limit ttl-dash");
    plot.label("rate name", frame.state.horizon, -RATE, `near zero: ${words(-RATE, 4)}`, { className: "ttl-fill-limit", anchor: "end", dx: -4, dy: -5 });
    if (!view) return;
    cursor(plot, frame);
    if (frame.state.timescale_ratio !== 1) {
      plot.curve("felt", view.times, felt, "ttl-floor ttl-dash");
      plot.label("felt name", frame.state.horizon, 0, "dashed: felt at this ratio", { className: "ttl-fill-floor", anchor: "end", dx: -4, dy: 28 });
    }
    plot.curve("lowest", view.times, lowest, "ttl-network");
    plot.dot("lowest now", view.times[view.at], lowest[view.at], 4.5, "ttl-fill-network");
    plot.label("lowest name", frame.state.horizon, 0, "lowest eigenvalue", { className: "ttl-fill-network", anchor: "end", dx: -4, dy: 13 });
  },
};
