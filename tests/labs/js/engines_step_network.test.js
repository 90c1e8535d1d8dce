// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  initial_positions,
  mersenne_twister,
} from "../../../ttlearn/labs/src/engines/mersenne_twister.js";
import * as net from "../../../ttlearn/labs/src/engines/step_network.js";
import { PAPER, close } from "./engines_helpers.mjs";

const { jumps, values } = PAPER;

test("the smoothed step and its slope", () => {
  close([net.smoothed_step(-0.2), net.smoothed_step(0.1)], [0.108, 0.744], 1e-15);
  close([net.smoothed_step_slope(0.1)], [1.92], 1e-15);
  close([net.smoothed_step(-1), net.smoothed_step(0), net.smoothed_step(2)], [0, 0.5, 1], 0);
  close([net.box_slope(0.5), net.box_slope(0.51), net.box_slope(-0.5)], [1, 0, 1], 0);
});

test("the target, its integral and its square", () => {
  close([net.target_value(0.2, jumps, values), net.target_value(0.19, jumps, values)], [5, 1], 0);
  close([net.target_integral(1, jumps, values), net.target_square(jumps, values)], [2.7, 10.6], 1e-14);
  close([net.loss_floor(values, 0.004)], [0.008], 1e-16);
  const line = net.target_integral(0.3, jumps, values, 0);
  close([line], [0.3], 1e-15, "piece 0 continued");
});

test("loss and both gradients at overlapping windows, some across the ends", () => {
  const positions = [0.001, 0.2005, 0.202, 0.349, 0.5003, 0.999];
  const weights = [0.9, 0.3, 2.5, 1.2, -3.7, 1.8, -0.6];
  const exact = net.loss_and_gradient(weights, positions, jumps, values, 0.004);
  close([exact.loss], [1.43734497454869], 1e-12, "loss");
  const outer = [
    -0.107608125, -0.107610245535714, -0.18439246494838, -0.180240920279367, -0.147380892857143,
    -0.201982458035714, -0.00487075892857143,
  ];
  close(exact.outer_weights, outer, 1e-12, "outer weights");
  const slopes = [-0.0333984375, 8.246905517578, 1.964344482422, -12.58, 1.02915, -2.56640625];
  close(exact.positions, slopes, 1e-10, "exact slope");
  const box = net.loss_and_gradient(weights, positions, jumps, values, 0.004, "box");
  const boxed = [-0.044296875, 4.38134765625, 2.54865234375, -7.03, 0.18, -1.9828125];
  close(box.positions, boxed, 1e-10, "box slope");
});

test("the gradient is the loss's, for wide overlapping windows outside [0, 1] too", () => {
  const random = mersenne_twister(3).random;
  for (const width of [0.004, 0.05, 0.6]) {
    const positions = Float64Array.from({ length: 7 }, () => 1.4 * random() - 0.2);
    const weights = Float64Array.from({ length: 8 }, () => 4 * random() - 2);
    const loss = () => net.loss_and_gradient(weights, positions, jumps, values, width).loss;
    const { outer_weights, positions: slopes } = net.loss_and_gradient(
      weights,
      positions,
      jumps,
      values,
      width,
    );
    const step = 1e-6 * width;
    for (const [array, gradient, size] of [
      [weights, outer_weights, 1e-5],
      [positions, slopes, step],
    ]) {
      const differences = Array.from(/** @type {Float64Array} */ (array), (value, i) => {
        const list = /** @type {Float64Array} */ (array);
        list[i] = value + Number(size);
        const above = loss();
        list[i] = value - Number(size);
        const below = loss();
        list[i] = value;
        return (above - below) / (2 * Number(size));
      });
      close(differences, /** @type {Float64Array} */ (gradient), 2e-5 / width ** 0.5, "difference");
    }
  }
});

test("one neuron on each jump leaves the floor", () => {
  const fit = net.loss_and_gradient([1, 4, -4, 2, -2, 4], jumps, jumps, values, 0.004);
  close([fit.loss], [0.008], 1e-14);
});

test("fast solution at width 0", () => {
  const fit = net.fast_solution([0.17, 0.205, 0.31, 0.37, 0.6], jumps, values);
  close(fit.cell_means, [1, 11 / 7, 5, 11 / 3, 43 / 23, 3.25], 1e-13);
  close([fit.loss], [1.8829917184265], 1e-12);
  const shuffled = net.fast_solution([0.6, 0.17, 0.31, 0.37, 0.205], jumps, values);
  close([shuffled.outer_weights[1]], [fit.outer_weights[5]], 1e-15, "order of the positions");
  const outside = net.fast_solution([-0.3, 0.5, 0.5, 1.2], [0.5], [0, 2]);
  close(outside.outer_weights, [0, 0, 0, 2, 0], 0, "weight 0 for empty cells");
  assert.equal(outside.loss, 0);
});

test("values of the local minima", () => {
  for (const [kept, level] of /** @type {[number[], number][]} */ ([
    [[0.2, 0.35, 0.5, 0.8], 0.3],
    [[0.2, 0.5, 0.65, 0.8], 1.2],
    [[0.35, 0.5, 0.65, 0.8], 48 / 35],
    [[0.5, 0.65, 0.8], 1.68],
    [[0.2, 0.35, 0.8], 0.4],
  ])) {
    close([net.fast_solution(kept, jumps, values).loss], [level], 1e-13);
  }
});

test("the random stream is NumPy's", () => {
  const first = [0.0205844942958024, 0.0580836121681995, 0.155994520336203];
  close(initial_positions(42, 20).slice(0, 3), first, 1e-15);
  close([mersenne_twister(42).random()], [0.3745401188473625], 1e-16);
  const source = mersenne_twister(42);
  const normals = [source.normal(), source.normal(), source.normal()];
  close(normals, [0.4967141530112327, -0.13826430117118466, 0.6476885381006925], 1e-15);
  assert.throws(() => mersenne_twister(-1), RangeError);
  assert.throws(() => mersenne_twister(0.5), /whole number/);
});
