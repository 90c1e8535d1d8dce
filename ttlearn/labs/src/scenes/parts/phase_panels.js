/** The phase diagram, and the runs of one of its cells. */

import { loss_floor } from "../../engines/step_network.js";
import { words } from "../../shell/format.js";
import { bound, cellName, cellOf, countWords, lossesOf, lossRange, placeAmong, pointed, shownCell, successes } from "./phase_table.js";
import { localMinima } from "./steps.js";

/** @import {Bank, Frame, PanelDefinition} from "../../shell/types" */
/** @import {Plot} from "../../shell/plot.js" */
/** @import {Cell} from "./phase_table.js" */

const STRIP = -1.6; // where the limit's row stands: apart from the others, which stand at 0, 1, ...
const AFTER_DRAG = 400; // ms
const SHADES = 8; // boxes of the legend
const DECADES = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1];

/** @param {number} row */
const heightOf = (row) => (row < 0 ? STRIP : row);

/** The cell at a place of the map. @param {Bank} bank @param {number} x @param {number} y @returns {Cell} */
export function cellAt(bank, x, y) {
  const { ratios, neurons } = bank.header;
  const inside = (/** @type {number} */ value, /** @type {number} */ count) => Math.min(count - 1, Math.max(0, Math.round(value)));
  return { row: y < -0.75 ? -1 : inside(y, ratios.length), column: inside(x, neurons.length) };
}

/** @param {Frame} frame @param {Cell} cell */
function choose({ bank, set }, { row, column }) {
  if (bank) set({ timescale_ratio: row < 0 ? 0 : bank.header.ratios[row], neurons: bank.header.neurons[column] });
}

/** The frame drawn last, for what listens to a plot. @type {WeakMap<Plot, Frame>} */
const latest = new WeakMap();

/**
 * Listen to a plot once, with the place in data coordinates and the frame of the moment.
 * @param {Plot} plot
 * @param {Frame} frame
 * @param {Record<string, (frame: Frame, x: number, y: number, event: PointerEvent) => void>} handlers by event
 */
function listen(plot, frame, handlers) {
  const known = latest.has(plot);
  latest.set(plot, frame);
  if (known) return;
  for (const [name, act] of Object.entries(handlers))
    plot.svg.addEventListener(name, (/** @type {any} */ event) => {
      const now = latest.get(plot);
      const box = plot.svg.getBoundingClientRect();
      if (now?.bank) act(now, plot.x.invert(event.clientX - box.left), plot.y.invert(event.clientY - box.top), event);
    });
}

/** When a mark was dragged last. @type {WeakMap<Plot, number>} */
const dragged = new WeakMap();

/** After a short drag by finger browsers tell of a tap where it began; that is no choice. @param {Plot} plot */
function isTap(plot) {
  return performance.now() - (dragged.get(plot) ?? Number.NEGATIVE_INFINITY) > AFTER_DRAG;
}

/** @param {Bank} bank @param {number} x @param {number} y */
function onMap({ header }, x, y) {
  return x > -0.5 && x < header.neurons.length - 0.5 && y > STRIP - 0.5 && y < header.ratios.length - 0.5;
}

/** @param {Frame} frame @param {Cell | null} cell */
function point({ bank, redraw }, cell) {
  if (!bank) return;
  const before = pointed.get(bank);
  if (before?.row === cell?.row && before?.column === cell?.column) return;
  if (cell) pointed.set(bank, cell);
  else pointed.delete(bank);
  redraw();
}

/** Boxes of equal share, row by row. @param {Plot} plot @param {Bank} bank */
function paint(plot, bank) {
  const { ratios, neurons, seeds } = bank.header;
  for (let row = -1; row < ratios.length; row++) {
    const y = /** @type {[number, number]} */ ([heightOf(row) - 0.5, heightOf(row) + 0.5]);
    plot.box(`row ${row}`, [-0.5, neurons.length - 0.5], y, "ttl-heat-none");
    for (let column = 0, from = 0; column < neurons.length; column++) {
      const count = successes(bank, { row, column });
      if (column + 1 < neurons.length && successes(bank, { row, column: column + 1 }) === count) continue;
      plot.box(`cell ${row} ${from}`, [from - 0.5, column + 0.5], y, "ttl-heat", count / seeds);
      from = column + 1;
    }
  }
}

/** From none to all, above the map. @param {Plot} plot @param {number} columns @param {number} y */
function legend(plot, columns, y) {
  const right = -0.5 + 0.45 * columns;
  const size = (right + 0.5) / SHADES;
  for (let i = 0; i < SHADES; i++) {
    const at = /** @type {[number, number]} */ ([-0.5 + i * size, -0.5 + (i + 1) * size]);
    plot.box(`legend base ${i}`, at, [y - 0.5, y + 0.5], "ttl-heat-none");
    plot.box(`legend ${i}`, at, [y - 0.5, y + 0.5], "ttl-heat", i / (SHADES - 1));
  }
  plot.label("legend low", -0.5, y, "0", { anchor: "end", dx: -5, dy: 4 });
  plot.label("legend high", right, y, "100 % succeed", { dx: 5, dy: 4 });
}

/** @type {PanelDefinition} */
export const mapPanel = {
  name: "map",
  label: "Share of starts that succeed, over number of neurons and timescale ratio",
  height: 390,
  title({ bank }) {
    if (!bank) return "Share of starts that succeed";
    const { ratios, neurons, seeds } = bank.header;
    return `${words((ratios.length + 1) * neurons.length * seeds, 6)} runs: a smaller ratio needs fewer neurons`;
  },
  draw(plot, frame) {
    const { bank } = frame;
    if (!bank) return plot.frame({ x: { domain: [0, 1], values: [] }, y: { domain: [0, 1], values: [] } });
    const { ratios, neurons } = bank.header;
    const every = Math.ceil(neurons.length / (plot.width / 48));
    const columns = neurons.map((/** @type {number} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => i % every === 0);
    const marks = DECADES.filter((ratio) => ratio >= ratios[0] && ratio <= ratios[ratios.length - 1]);
    const places = marks.map((ratio) => placeAmong(ratios, ratio));
    plot.frame({
      x: { domain: [-0.5, neurons.length - 0.5], label: "number of neurons", values: columns, format: (i) => String(neurons[i]) },
      y: { domain: [STRIP - 0.6, ratios.length + 1.6], label: "timescale ratio", values: [STRIP, ...places], format: (y) => (y === STRIP ? "limit" : words(marks[places.indexOf(y)])) },
      margin: { left: 66 },
    });
    paint(plot, bank);
    legend(plot, neurons.length, ratios.length + 0.7);
    listen(plot, frame, {
      click: (now, x, y) => now.bank && isTap(plot) && onMap(now.bank, x, y) && choose(now, cellAt(now.bank, x, y)),
      // A finger points at nothing before it touches.
      pointermove: (now, x, y, event) => event.pointerType !== "touch" && now.bank && point(now, onMap(now.bank, x, y) ? cellAt(now.bank, x, y) : null),
      pointerleave: (now) => point(now, null),
    });
    const over = pointed.get(bank);
    if (over) plot.box("pointed", [over.column - 0.5, over.column + 0.5], [heightOf(over.row) - 0.5, heightOf(over.row) + 0.5], "ttl-outline");
    const cell = cellOf(frame.state, bank);
    if (!cell) return;
    plot.handles.place("cell", "cell", {
      x: cell.column, y: heightOf(cell.row), axis: "xy", low: 0, high: neurons.length - 1, lowY: STRIP, highY: ratios.length - 1, step: 1, className: "ttl-handle-ring",
      label: "Cell, four arrow keys", text: `${cellName(bank, cell)}: ${countWords(successes(bank, cell), bank.header.seeds)}`, move: (x, y) => {
        dragged.set(plot, performance.now());
        choose(frame, cellAt(bank, x, y));
      },
    });
  },
};

/** Levels where runs end, named at the right edge. @param {Plot} plot @param {Bank} bank @param {Cell} cell */
export function drawLevels(plot, bank, cell) {
  const { jumps, values, activation_width, success } = bank.header;
  const floor = cell.row < 0 ? 0 : loss_floor(values, activation_width);
  const name = (/** @type {string} */ key, /** @type {number} */ loss, /** @type {string} */ text, className = "") =>
    plot.label(key, plot.x.domain()[1], loss, text, { className, dx: 5, dy: 4 });
  if (floor) {
    plot.rule("floor", { y: floor }, "ttl-floor ttl-dash");
    name("floor name", floor, "floor", "ttl-fill-floor");
  }
  plot.rule("bound", { y: success }, "ttl-limit");
  name("bound name", success, words(success), "ttl-fill-limit");
  let above = Number.NEGATIVE_INFINITY;
  for (const { loss } of localMinima(jumps, values).sort((a, b) => b.loss - a.loss)) {
    plot.rule(`minimum ${loss}`, { y: loss + floor }, "ttl-ink ttl-dots");
    if (plot.y(loss + floor) - above < 13) continue; // two names on one another
    above = plot.y(loss + floor);
    name(`minimum name ${loss}`, loss + floor, words(loss + floor, 2));
  }
}

/** The run whose dot is nearest. @param {Plot} plot @param {ArrayLike<number>} heights @param {number} x @param {number} y */
function nearestRun(plot, heights, x, y) {
  let best = 0;
  const away = (/** @type {number} */ run) => Math.hypot(plot.x(run) - plot.x(x), plot.y(heights[run]) - plot.y(y));
  for (let run = 1; run < heights.length; run++) if (away(run) < away(best)) best = run;
  return best;
}

/** @type {PanelDefinition} */
export const runsPanel = {
  name: "runs",
  label: "Loss at the end of every run of the cell",
  height: 390,
  title(frame) {
    const cell = shownCell(frame);
    if (!cell || !frame.bank) return "Runs of a cell";
    const name = cellName(frame.bank, cell);
    return `${name[0].toUpperCase()}${name.slice(1)}: ${successes(frame.bank, cell)} of ${frame.bank.header.seeds} starts succeed`;
  },
  draw(plot, frame) {
    const { bank, state } = frame;
    const cell = shownCell(frame);
    if (!cell || !bank) return plot.frame({ x: { domain: [0, 1], values: [] }, y: { domain: [0, 1], values: [] } });
    const { seeds } = bank.header;
    const [low, high] = lossRange(bank);
    plot.frame({ x: { domain: [-1, seeds], label: "number of the run", values: [0, 1, 2, 3].map((i) => Math.round((i * (seeds - 1)) / 3)) }, y: { domain: [low, high], log: true, label: "loss at the end" }, margin: { right: 44 } });
    drawLevels(plot, bank, cell);
    const heights = lossesOf(bank, cell).map((loss) => Math.max(loss, 1.12 * low));
    if (cell.row < 0) plot.label("zero", plot.x.domain()[1], 1.12 * low, "0", { dx: 5, dy: 4 });
    const least = bound(bank, cell);
    lossesOf(bank, cell).forEach((loss, run) => plot.dot(`run ${run}`, run, heights[run], 3.4, loss < least ? "ttl-fill-network" : "ttl-fill-page ttl-target"));
    listen(plot, frame, {
      click: (now, x, y) => {
        const here = cellOf(now.state, now.bank);
        if (now.bank && here && x > -1 && isTap(plot)) now.set({ run: nearestRun(plot, lossesOf(now.bank, here).map((loss) => Math.max(loss, 1.12 * low)), x, y) });
      },
    });
    const loss = lossesOf(bank, cell)[state.run];
    plot.handles.place("run", "run", {
      x: state.run, y: heights[state.run], axis: "x", low: 0, high: seeds - 1, step: 1, className: "ttl-handle-ring",
      label: "Run", text: `run ${state.run}, loss ${words(loss)} at the end: ${loss < least ? "success" : "failure"}`, move: (x) => {
        dragged.set(plot, performance.now());
        frame.set({ run: Math.round(x) });
      },
    });
  },
};
