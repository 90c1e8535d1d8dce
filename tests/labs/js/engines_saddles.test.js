// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { mersenne_twister } from "../../../ttlearn/labs/src/engines/mersenne_twister.js";
import { classify } from "../../../ttlearn/labs/src/engines/relu_classify.js";
import * as curvature from "../../../ttlearn/labs/src/engines/relu_curvature.js";
import * as descent from "../../../ttlearn/labs/src/engines/relu_descent.js";
import * as net from "../../../ttlearn/labs/src/engines/relu_network.js";
import * as toys from "../../../ttlearn/labs/src/engines/toys.js";
/** @import {ToyName} from "../../../ttlearn/labs/src/engines/toy_systems.js" */
import { critical_levels, saddle, zigzag } from "../../../ttlearn/labs/src/engines/zigzag.js";
import { close, close_relative, row } from "./engines_helpers.mjs";

const UNIT = net.make_problem();
/** @param {number} leak */
const leaky = (leak) => net.make_problem({ leak });

/**
 * Reference rows: problem, w, b, v, c, loss, gradient norm, smallest and largest eigenvalue, index.
 *
 * @type {[string, net.Problem, number[], number[], number[], number, number, number, number, number, number][]}
 */
const ROWS = [
  ["R1", UNIT, [1, -1], [-1 / 3, 2 / 3], [2 / 3, -2 / 3], 1 / 2, 1 / 972, 0,
    -0.026686733890778906, 3.2143843521967858, 2],
  ["R2", UNIT, [1, -1, 1, -1], [-0.2, 0.4, -0.6, 0.8], [0.4, -0.4, 0.4, -0.4], 0.5, 1 / 7500, 0,
    -0.008531944305462137, 3.0908871136686366, 4],
  ["R3", net.make_problem({ left: -1 }), [1, -1], [1 / 3, 1 / 3], [2 / 3, -2 / 3], 0, 2 / 243, 0,
    -0.08804087709578589, 7.330311404430364, 2],
  ["R4", net.make_problem({ left: -1, right: 2, slope: 1.5, intercept: -1 / 3 }), [2, -2, 2, -2],
    [0.8, 0.4, -1.6, 2.8], [0.3, -0.3, 0.3, -0.3], 5 / 12, 81 / 10000, 0, -0.03492050723416076,
    55.03579566839314, 4],
  ["R5", UNIT, [0], [1], [0], 0.5, 1 / 12, 0, -0.11954891515554779, 4.003472219610372, 1],
  ["R6", UNIT, [1, 2, -1], [-1 / 3, -2 / 3, 2 / 3], [1 / 6, 1 / 4, -2 / 3], 0.5, 1 / 972, 0,
    -0.025939039507746213, 3.16191696094274, 3],
  ["R7", UNIT, [1, -1, 0, -1], [-1 / 3, 2 / 3, 1, -1], [2 / 3, -2 / 3, 0, 0.5], 0.5, 1 / 972, 0,
    -0.026714097672927797, 5.211329055644691, 3],
  ["R8", UNIT, [1, -1.5], [-0.25, 1.125], [0.5, -2 / 3], 0.2, 1291 / 6400, 1.1728056907414100,
    -0.7379127498112001, 3.7683615591050805, 3],
  ["R9", UNIT, [1, 2, -1], [0.5, -1, -0.25], [1 / 3, -0.5, 3], 0.1, 839 / 5400,
    0.8416072026013724, -0.5726857883934233, 4.7354240794327125, 2],
  ["R10", leaky(0.25), [1], [-2 / 3], [2], 0.5, 1 / 108, 0, -0.0310121246342780,
    5.7015413089736976, 1],
  ["R11", leaky(0.25), [-1], [1 / 3], [-2], 0.5, 1 / 108, 0, -0.05755616218061388,
    4.426814346081692, 1],
  ["R12", leaky(9 / 16), [1, -1], [-4 / 13, 9 / 13], [36 / 65, -36 / 65], 0.5, 49 / 342732, 0,
    -0.006858730035303109, 3.3386610498509067, 2],
  ["R13", leaky(9 / 16), [-1, 1], [3 / 11, -8 / 11], [-128 / 165, 128 / 165], 0.5, 49 / 175692, 0,
    -0.010036551842247169, 3.4683853262081600, 2],
  ["R14", leaky(9 / 16), [1, -1, 1], [-4 / 17, 9 / 17, -14 / 17], [36 / 85, -32 / 85, 128 / 255],
    0.5, 49 / 1002252, 0, -0.003036733504712981, 3.0967769230914757, 3],
  ["R15", leaky(0.1), [1, -1.5], [-0.25, 1.125], [0.5, -2 / 3], 0.2, 3089 / 15360,
    1.1786482338212782, -0.7427206697448570, 3.8178843665039880, 3],
  ["R17", UNIT, [1, -1], [-0.5, 0.5], [1, -1], 0.5, 0, 0, 0, 3.4096237764126203, 0],
  ["R18", leaky(0.25), [0], [-1], [0], 0.5, 1 / 12, 0, -0.04044619145240645, 2.125048074746986, 1],
  ["R19", UNIT, [0.5], [0.5], [2], -1, 0, 0, 0, 13.274623186737491, 0],
  ["R22", UNIT, [1, 2], [-0.5, -1], [0.7, -0.3], 0.2, 379 / 2400, 0.8376622977071369,
    -0.6476883523866635, 2.765680266892052, 3],
  ["R23", leaky(0.25), [1, 0], [-2 / 3, -1], [2, 0], 0.5, 1 / 108, 0, -0.03127716522020579,
    5.807113344942724, 2],
];

for (const [id, problem, w, b, v, c, loss, norm, smallest, largest, index] of ROWS) {
  test(`${id}: loss, gradient and Hessian`, () => {
    const parameters = [...w, ...b, ...v, c];
    const found = net.relu_loss(problem, parameters);
    close([found.loss, Math.hypot(...found.gradient)], [loss, norm], 1e-14);
    const { values } = curvature.spectrum(problem, parameters);
    close([values[0], values[values.length - 1]], [smallest, largest], 4e-14 * largest);
    assert.equal(curvature.count_negative(values), index);
    const verdict = classify(problem, parameters);
    if (norm > 0) assert.equal(verdict.kind, "not critical");
    else if (loss === 0) assert.equal(verdict.kind, "global minimum");
    else assert.deepEqual([verdict.kind, verdict.morse_index], ["saddle", index]);
  });
}

test("gradients, coincident breakpoints included", () => {
  const eight = net.relu_loss(UNIT, [1, -1.5, -0.25, 1.125, 0.5, -2 / 3, 0.2]).gradient;
  const g8 = [-139 / 768, 227 / 1440, -97 / 320, 7 / 15, -101 / 480, -277 / 640, -141 / 160];
  close(eight, g8, 1e-15);
  const twins = net.relu_loss(UNIT, [1, 2, -0.5, -1, 0.7, -0.3, 0.2]).gradient;
  close(twins, [-231 / 800, 99 / 800, -147 / 400, 63 / 400, -0.15, -0.3, -23 / 40], 1e-15);
  const edge = net.relu_loss(UNIT, [1, 0, 0.5, 0.2]);
  close([edge.loss, ...edge.gradient], [7 / 300, -1 / 15, -1 / 20, -2 / 15, -0.1], 1e-15);
});

test("gradient and Hessian are the derivatives of the loss", () => {
  const { normal } = mersenne_twister(11);
  for (const problem of [UNIT, net.make_problem({ left: -1, right: 2, slope: -1.5, leak: 0.2 })]) {
    const at = Float64Array.from({ length: 10 }, normal);
    const { gradient } = net.relu_loss(problem, at);
    const matrix = curvature.hessian(problem, at);
    at.forEach((_, i) => {
      const moved = (/** @type {number} */ step) =>
        net.relu_loss(problem, at.map((x, j) => (i === j ? x + step : x)));
      const [above, below] = [moved(1e-6), moved(-1e-6)];
      close([(above.loss - below.loss) / 2e-6], [gradient[i]], 1e-7);
      close(above.gradient.map((g, j) => (g - below.gradient[j]) / 2e-6), matrix[i], 1e-6);
    });
  }
});

test("one-sided Hessians and refusals at the interval's ends", () => {
  const edge = [1, 0, 0.5, 0.2];
  assert.throws(() => curvature.hessian(UNIT, edge), /end of the interval/);
  const outside = curvature.spectrum(UNIT, edge, "outside").values;
  const inside = curvature.spectrum(UNIT, edge, "inside").values;
  close([outside[0], outside[3]], [-0.03481534667831428, 3.1139642925502591], 1e-14);
  close([inside[0], inside[3]], [0.011910587385996334, 3.1458617698362250], 1e-14);
  assert.throws(() => curvature.hessian(UNIT, [0, 0, 0.7, 0.5], "inside"), /degenerate/);
  const dead = [-1, -1, 0, -0.25, 0.7, 3, 0.5];
  close([curvature.hessian(UNIT, dead, "inside")[2][2]], [0.7], 1e-15);
  assert.equal(classify(UNIT, dead).kind, "local minimum");
});

test("kinds of neurons", () => {
  const kinds = (/** @type {number[][]} */ rows, leak = 0) =>
    net
      .neuron_types(leaky(leak), [...rows.map((r) => r[0]), ...rows.map((r) => r[1]),
        ...rows.map(() => 1), 0])
      .map((neuron) => neuron.kind);
  const table = [[0, 0], [0, -1], [-1, 0], [1, -1], [0, 1], [1, 0], [2, -1], [-2, 1]];
  assert.deepEqual(kinds(table), [
    "degenerate", "inactive", "semi-inactive left", "semi-inactive right", "affine", "affine",
    "right-oriented", "left-oriented",
  ]);
  const negative = ["affine-negative", "affine-negative", "affine-negative"];
  assert.deepEqual(kinds(table, 0.1).slice(1, 4), negative);
});

test("saddles of every level are critical, with the levels and relative spectra of the theorem", () => {
  for (const level of [2, 4, 6]) {
    const point = saddle(UNIT, level, { neurons: level + 1, scale: 1.7 });
    const { loss, gradient } = net.relu_loss(UNIT, point);
    close_relative([loss], [1 / (12 * (level + 1) ** 4)], 1e-12);
    close(gradient, gradient.map(() => 0), 1e-15);
    const relative = curvature.relative_spectrum(UNIT, saddle(UNIT, level));
    const expected = Array.from(
      { length: level },
      (_, k) => -(1 + Math.cos(((k + 1) * Math.PI) / (level + 1))),
    );
    close(relative, [...expected, ...Array(level + 1).fill(1)], 1e-9);
    assert.equal(classify(UNIT, point).level, level);
  }
  for (const first of /** @type {const} */ (["right", "left"])) {
    for (const level of [1, 2, 3]) {
      const problem = net.make_problem({ left: -1, right: 2, slope: -2, intercept: 1, leak: 0.3 });
      const point = saddle(problem, level, { first });
      const verdict = classify(problem, point);
      assert.deepEqual([verdict.kind, verdict.level, verdict.first], ["saddle", level, first]);
      close_relative([verdict.loss], [zigzag(problem, level, first).loss], 1e-12);
    }
  }
  close(critical_levels(UNIT, 5).map(({ loss }) => 1 / loss), [12, 972, 7500], 1e-9);
});

test("the escape clock counts what the table says", () => {
  const point = saddle(UNIT, 2);
  const { values, vectors } = curvature.spectrum(UNIT, point);
  const largest = vectors[0].reduce((a, x) => (Math.abs(x) > Math.abs(a) ? x : a));
  for (const [size, count] of [[1e-2, 302], [1e-4, 1167], [1e-6, 2032]]) {
    const start = point.map((x, i) => x + size * vectors[0][i] * Math.sign(largest));
    const path = descent.simulate({ start, step_size: 0.2, steps: [0, 5000], point });
    assert.equal(path.events[0].time, count);
    const predicted = descent.predicted_steps(0.2, values[0], size);
    assert.ok(Math.abs(predicted - count) < 4, `${predicted} steps predicted, ${count} counted`);
  }
  close([descent.escape_slope(0.2, values[0])], [187.859], 1e-3);
  const stopped = descent.simulate({
    start: point.map((x, i) => x + 0.01 * vectors[0][i] * Math.sign(largest)),
    step_size: 0.2,
    steps: [0, 100, 200, 300, 400, 500],
    point,
    stop_outside: true,
  });
  assert.equal(stopped.times[stopped.times.length - 1], 302);
});

test("toy cases of the real loss", () => {
  const jump = descent.simulate({ start: toys.real_loss_case("E6"), step_size: 0.5, steps: [0, 1] });
  close([row(jump.arrays.parameters, 1)[3]], [0.5], 1e-15);
  const dies = descent.simulate({ start: toys.real_loss_case("E8"), step_size: 0.1, steps: [100, 101] });
  const [before, after] = [0, 1].map((k) => row(dies.arrays.parameters, k)[1]);
  close([after / before], [0.95], 2e-3);
  const sharp = toys.real_loss_case("E7", 2);
  const start = sharp.map((x, i) => x + 1e-3 * (i === 0 ? 1 : -0.5));
  const leaves = descent.simulate({ start, step_size: 0.3, steps: [0, 5000], point: sharp });
  assert.equal(leaves.events.length, 1);
  const mild = toys.real_loss_case("E7", 1);
  const near = mild.map((x, i) => x + 1e-3 * (i === 0 ? 1 : -0.5));
  const stays = descent.simulate({ start: near, step_size: 0.3, steps: [0, 5000], point: mild });
  assert.equal(stays.events.length, 0);
});

test("toy systems: which share of starts falls into the trap", () => {
  const options = { starts: 2001, steps: 300 };
  for (const [name, step_size, share] of /** @type {[ToyName, number, number][]} */ ([
    ["E3", 0.5, 0.5],
    ["E3", 1, 0.5],
    ["E4", 0.5, 0.5],
    ["E8", 0.1, 0.737],
  ])) {
    close([toys.trapped_fraction(name, step_size, options)], [share], 0.01, `${name}`);
  }
  for (const [name, step_size] of /** @type {[ToyName, number][]} */ ([
    ["E1", 0.5],
    ["E3", 1.9],
    ["E4", 0.45],
  ])) {
    assert.ok(toys.trapped_fraction(name, step_size, options) < 0.002, name);
  }
  // An even grid misses the line of perfect fits through the sharp minimum.
  for (const [step_size, share] of [[0.14, 1], [0.16, 0]]) {
    assert.equal(toys.trapped_fraction("E7", step_size, { starts: 100, steps: 300 }), share);
  }
  for (const [step_size, share] of [[0.4, 0], [0.5, 0.5], [0.6, 0]]) {
    assert.equal(toys.trapped_fraction("E6", step_size, { starts: 100, steps: 1 }), share);
  }
  const path = toys.simulate({
    name: "E4",
    starts: [[1, 1.5], [0.3, -0.6]],
    step_size: 0.5,
    steps: [0, 1, 2],
  });
  close(path.arrays.points.data.slice(4), [0.5, 0, 0.15, -0.6, 0.25, 0, 0.075, -0.6], 1e-15);
  for (const toy of Object.values(toys.TOYS)) {
    const p = toys.placed(toy, 0.7, -0.8);
    close(toys.shown(toy, p), [toy.across < 0 ? 0 : 0.7, -0.8], 1e-12, toy.formula);
    assert.equal(toys.distance(toy, toy.rest), 0);
    const slopes = p.map((_, i) => {
      const moved = (/** @type {number} */ step) =>
        toy.potential(p.map((x, j) => (i === j ? x + step : x)));
      return (moved(1e-6) - moved(-1e-6)) / 2e-6;
    });
    close(slopes, toy.gradient(p), 1e-7, toy.formula);
  }
});

test("divergence stops at its step; bad parameters are refused", () => {
  const start = [-1, -0.5, 1, 0.1];
  const path = descent.simulate({ start, step_size: 1.5, steps: [0, 100, 1000] });
  assert.match(path.note, /Diverged at step \d+/);
  assert.ok(path.times.length < 3 && path.losses?.every(Number.isFinite));
  const good = { start, step_size: 0.1, steps: [0, 1] };
  assert.throws(() => descent.simulate({ ...good, start: [1, 2] }), /3 N \+ 1/);
  assert.throws(() => descent.simulate({ ...good, step_size: 0 }), /step_size is 0/);
  assert.throws(() => descent.simulate({ ...good, problem: { left: 2 } }), /below right/);
  assert.throws(() => descent.simulate({ ...good, problem: { leak: 1 } }), /leak is 1/);
  assert.throws(() => saddle(UNIT, 3), /even number/);
  assert.throws(() => saddle(net.make_problem({ slope: 0 }), 2), /slope is 0/);
  assert.throws(() => saddle(UNIT, 2, { neurons: 1 }), /at least 2/);
  assert.throws(() => toys.trapped_fraction("E1", 0), /step_size/);
});
