/** Panels of the lab of three lenses: the network, the dial of directions, and lens 2. */

import { neuron_types } from "../../engines/relu_network.js";
import { list, words } from "../../shell/format.js";
import { once, square } from "./directional.js";
import { colourOf, degrees, FASTEST, landmarks, now, PROBLEM, RATE, shown, startPoint, turned } from "./lens_view.js";
import { corners } from "./saddles.js";
import { column, row } from "./steps.js";

/** @import {Frame, PanelDefinition} from "../../shell/types" */
/** @import {Plot} from "../../shell/plot.js" */

const CIRCLE = Array.from({ length: 73 }, (_, i) => (i / 36) * Math.PI);
const DEAD = Array.from({ length: 19 }, (_, i) => ((225 + 5 * i) / 180) * Math.PI); // no x in [-1, 1] is on
const TURNED = 5; // degrees: less than this is no race of directions
const NEAR_ZERO = 0.05; // of the scale: from here on the theory of small starts says nothing
const KEY_TURN = 2; // degrees an arrow key turns where its way is along the radius
const TOP = 0.7; // decimal logarithm of the largest size shown
const power = (/** @type {number} */ exponent) => words(10 ** exponent);

/** The weights now. @param {Frame} frame */
function weights(frame) {
  const view = shown(frame);
  return view ? row(view.run, "parameters", view.at) : startPoint(frame.state);
}

/** @type {PanelDefinition} */
export const networkPanel = {
  name: "network",
  label: "The network and the target",
  height: 250,
  title(frame) {
    const kinds = neuron_types(PROBLEM, weights(frame), 1e-9);
    const kinks = kinds.filter((neuron) => neuron.kinked).map((neuron) => words(neuron.breakpoint ?? 0));
    const dead = kinds.filter(({ kind }) => kind === "inactive" || kind.startsWith("semi")).length;
    if (dead === kinds.length) return "The network: every neuron is dead";
    const rest = dead ? `; ${dead} of ${kinds.length} neurons dead` : "";
    if (kinks.length === 0) return `The network has no kink here${rest}`;
    return `${kinks.length === 1 ? "One kink," : "Kinks"} at ${list(kinks)}${rest}`;
  },
  draw(plot, frame) {
    const { xs, network } = corners(PROBLEM, weights(frame));
    const reach = Math.max(1, ...network.filter(Number.isFinite).map(Math.abs));
    const edge = reach > 1.15 ? Math.ceil(2 * reach) / 2 : 1.2;
    plot.frame({ x: { domain: [-1, 1], label: "x" }, y: { domain: [-edge, edge], ticks: 5 } });
    plot.curve("target", [-1, 1], [-1, 1], "ttl-target ttl-broad");
    plot.label("target name", 1, 1, "target", { className: "ttl-fill-target", anchor: "end", dx: -18, dy: 2 });
    plot.curve("network", xs, network, "ttl-network");
    plot.label("network name", -1, network[0], "network", { className: "ttl-fill-network", dx: 8, dy: -6 });
    xs.slice(1, -1).forEach((x, i) => plot.dot(`kink ${i}`, x, network[i + 1], 4, "ttl-fill-page ttl-network"));
  },
};

/** @type {PanelDefinition} */
export const dialPanel = {
  name: "dial",
  label: "Directions of the neurons on a circle: starts, where they are now, and the fastest ones",
  height: 250,
  title({ state }) {
    return `Directions of (w, b) now, and ${state.neurons === 1 ? "a start" : `${state.neurons} starts`} ● to drag; dashed grows fastest`;
  },
  draw(plot, frame) {
    square(plot, 1.3, { x: "inner weight w / size", y: "bias b / size" });
    plot.curve("circle", CIRCLE.map(Math.cos), CIRCLE.map(Math.sin), "ttl-ink ttl-thin");
    plot.curve("dead", DEAD.map(Math.cos), DEAD.map(Math.sin), "ttl-target ttl-broad");
    plot.label("dead name", 0, -1, "dead", { className: "ttl-fill-target", anchor: "middle", dy: 18 });
    FASTEST.angles.forEach((angle, i) => {
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      plot.segment(`fastest ${i}`, [0, 0], [x, y], "ttl-rule ttl-limit ttl-dash");
      plot.label(`fastest name ${i}`, 0.62 * x, 0.62 * y, i ? "v < 0" : "v > 0", { className: "ttl-fill-limit", anchor: "middle", dy: 24 });
    });
    const view = shown(frame);
    if (view)
      row(view.run, "directions", view.at).forEach((angle, j) => {
        const tip = /** @type {[number, number]} */ ([0.86 * Math.cos(angle), 0.86 * Math.sin(angle)]);
        plot.segment(`now ${j}`, [0, 0], tip, `ttl-curve ttl-${colourOf(frame.state, j)}`);
        plot.dot(`tip ${j}`, tip[0], tip[1], 4, `ttl-fill-${colourOf(frame.state, j)}`);
      });
    startHandles(plot, frame);
  },
};

/** @param {Plot} plot @param {Frame} frame */
function startHandles(plot, frame) {
  const { directions, outer_weights } = frame.state;
  directions.forEach((/** @type {number} */ angle, /** @type {number} */ j) => {
    const turn = (angle * Math.PI) / 180;
    const [x, y] = [Math.cos(turn), Math.sin(turn)];
    plot.handles.place("directions", `${j}`, {
      x, y, axis: "xy", low: -1.3, high: 1.3, step: 0.05, className: colourOf(frame.state, j) === "other" ? "ttl-handle-other" : "",
      label: `Start of neuron ${j + 1}, outer weight ${words(outer_weights[j])}, four arrow keys`, text: `${words(angle, 4)} degrees`,
      move: (toX, toY) => {
        if (Math.hypot(toX, toY) < 0.05) return;
        let next = Number(((Math.atan2(toY, toX) * 180) / Math.PI).toFixed(1));
        // Along the radius nothing would turn: there a key turns by a little.
        if (next === angle) next = angle + Math.sign(toX - x + toY - y) * KEY_TURN;
        frame.set({ directions: directions.with(j, next > 180 ? next - 360 : next < -180 ? next + 360 : next) });
      },
    });
  });
}

/** Until when the loss stands still, in the unit of time; NaN when it never moves. @param {NonNullable<ReturnType<typeof shown>>} view */
function still({ run, times }) {
  const { moved } = landmarks(run);
  return moved < 0 ? Number.NaN : times[moved];
}

/** @type {PanelDefinition} */
export const anglesPanel = {
  name: "angles",
  label: "Lens 2: directions of the neurons over time, in degrees",
  height: 240,
  title(frame) {
    const view = shown(frame);
    if (!view) return "Lens 2, direction";
    const { moved, settled } = landmarks(view.run);
    if (moved < 0) return "Lens 2, direction: the loss never moves";
    if (turned(view.run, 0, moved) < TURNED) return "Lens 2, direction: no race of directions, the loss moves first";
    if (settled <= 0.6 * moved) return `Lens 2, direction: settled at time ${words(view.times[settled])}, when the loss moves only at ${words(view.times[moved])}`;
    return "Lens 2, direction: still turning when the loss moves";
  },
  draw(plot, frame) {
    const view = shown(frame);
    const all = view ? Array.from({ length: frame.state.neurons }, (_, j) => degrees(view.run, j)) : [];
    const low = Math.min(-20, ...all.map((list) => Math.min(...list) - 15));
    const high = Math.max(185, ...all.map((list) => Math.max(...list) + 15));
    const ticks = [-360, -270, -180, -90, 0, 90, 180, 270, 360].filter((angle) => angle >= low && angle <= high);
    plot.frame({ x: axis(frame), y: { domain: [low, high], values: ticks, label: "angle of (w, b), degrees" } });
    FASTEST.angles.forEach((angle, i) => {
      const place = (angle * 180) / Math.PI;
      plot.rule(`fastest ${i}`, { y: place }, "ttl-limit ttl-dash");
      plot.label(`fastest name ${i}`, frame.state.horizon, place, `fastest, ${words(place, 4)}°`, { className: "ttl-fill-limit", anchor: "end", dx: -4, dy: i ? -6 : 14 });
    });
    if (!view) return;
    if (!Number.isNaN(still(view))) plot.rule("moves", { x: still(view) }, "ttl-target ttl-dots");
    plot.rule("now", { x: frame.time }, "ttl-now");
    all.forEach((angles, j) => {
      plot.curve(`angle ${j}`, view.times, angles, `ttl-${colourOf(frame.state, j)}`);
      plot.dot(`now ${j}`, view.times[view.at], angles[view.at], 4, `ttl-fill-${colourOf(frame.state, j)}`);
    });
  },
};

/** @type {PanelDefinition} */
export const sizesPanel = {
  name: "sizes",
  label: "Lens 2: sizes of the neurons over time, on a logarithmic scale",
  height: 240,
  title(frame) {
    const rate = RATE * Math.sqrt(frame.state.timescale_ratio);
    const view = shown(frame);
    if (!view) return "Lens 2, size";
    const grown = Number(growth(view, frame.index).toFixed(3));
    const theory = frame.state.scale > NEAR_ZERO ? "no start near zero" : `near zero the theory says ${words(rate)}`;
    return `Lens 2, size: growth ${words(grown)} per unit of time; ${theory}`;
  },
  draw(plot, frame) {
    const { scale, timescale_ratio } = frame.state;
    const view = shown(frame);
    const logs = view ? Array.from({ length: frame.state.neurons }, (_, j) => once(view.run, `log size ${j}`, () => column(view.run, "norms", j).map((size) => Math.log10(Math.max(size, 1e-12))))) : [];
    const low = Math.floor(Math.max(-8, Math.min(Math.log10(scale), ...logs.map((list) => Math.min(...list)))) - 0.2);
    const values = [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1].filter((exponent) => exponent >= low && exponent <= TOP);
    plot.frame({ x: axis(frame), y: { domain: [low, TOP], values, format: power, label: "size of (w, b)" } });
    if (view) {
      const { moved } = landmarks(view.run);
      const rate = (RATE * Math.sqrt(timescale_ratio)) / Math.LN10;
      if (moved > 1 && scale <= NEAR_ZERO) {
        const middle = Math.floor(moved / 2);
        const top = Math.max(...logs.map((list) => list[middle]));
        const [from, to] = [view.times[middle], view.times[moved]];
        plot.segment("theory", [0, top - rate * from], [to, top + rate * (to - from)], "ttl-rule ttl-limit ttl-dash");
        plot.label("theory name", to, top + rate * (to - from), "theory", { className: "ttl-fill-limit", dx: 6, dy: 14 });
        plot.rule("moves", { x: to }, "ttl-target ttl-dots");
      }
      plot.rule("now", { x: frame.time }, "ttl-now");
      logs.forEach((list, j) => {
        plot.curve(`size ${j}`, view.times, list, `ttl-${colourOf(frame.state, j)}`);
        plot.dot(`now ${j}`, view.times[view.at], list[view.at], 4, `ttl-fill-${colourOf(frame.state, j)}`);
      });
    }
    plot.handles.place("scale", "scale", {
      x: 0, y: Math.log10(scale), axis: "y", low: -6, high: Math.log10(2), step: 0.1, shape: "level", className: "ttl-handle-limit",
      label: "Scale of the start", text: words(scale), move: (_, y) => frame.set({ scale: Number((10 ** y).toPrecision(4)) }),
    });
  },
};

/** Growth of the largest neuron's size per unit of time, around the moment. @param {NonNullable<ReturnType<typeof shown>>} view @param {number} index */
function growth({ run, times }, index) {
  const last = times.length - 1;
  const [from, to] = [Math.max(0, Math.min(index, last) - 1), Math.min(last, index + 1)];
  const sizes = row(run, "norms", to);
  const j = sizes.indexOf(Math.max(...sizes));
  if (from === to) return 0;
  return Math.log(sizes[j] / now(run, "norms", from * sizes.length + j)) / (times[to] - times[from]);
}

/** @param {Frame} frame @returns {import("../../shell/plot.js").AxisOptions} */
export function axis({ state }) {
  return { domain: [0, state.horizon], label: "time (outer step × steps)" };
}
