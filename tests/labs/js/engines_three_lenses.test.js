// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import * as descent from "../../../ttlearn/labs/src/engines/relu_descent.js";
import { fast_solution } from "../../../ttlearn/labs/src/engines/relu_fast_layer.js";
import { make_problem, relu_loss } from "../../../ttlearn/labs/src/engines/relu_network.js";
import { fastest_directions, lowest_curvature } from "../../../ttlearn/labs/src/engines/three_lenses.js";
import { saddle } from "../../../ttlearn/labs/src/engines/zigzag.js";
import { close } from "./engines_helpers.mjs";

const WIDE = make_problem({ left: -1 });

test("the fastest directions from zero have the kinks and the rate of the theory", () => {
  const { angles, rates } = fastest_directions(WIDE);
  // The kink is a root of 2 t^3 + 2 t^2 + 5 t + 3.
  for (const [i, sign] of [1, -1].entries()) {
    const kink = sign * -Math.tan(angles[i]);
    assert.ok(Math.abs(2 * kink ** 3 + 2 * kink ** 2 + 5 * kink + 3) < 1e-7);
    assert.ok(Math.abs(rates[i] - 1.0272666559281244) < 1e-12);
  }
  assert.ok(Math.cos(angles[0]) > 0 && Math.cos(angles[1]) < 0);
});

test("the best outer layer has no gradient, and scaling a neuron does not change its loss", () => {
  const point = [0.4, -1, 0.7, 0.3, 0.2, 0.1, 0, 0, 0, 0];
  const { parameters, loss } = fast_solution(WIDE, point);
  const { gradient, loss: again } = relu_loss(WIDE, parameters);
  close(gradient.slice(6), [0, 0, 0, 0], 1e-13);
  assert.ok(Math.abs(loss - again) < 1e-15);
  const scaled = point.map((x, i) => (i % 3 === 1 && i < 6 ? 1e-6 * x : x));
  assert.ok(Math.abs(fast_solution(WIDE, scaled).loss - loss) < 1e-12);
});

test("dead neurons, doubles and those at zero add nothing", () => {
  const { parameters } = fast_solution(WIDE, [0.1, 0, 1, 2, -1, 0, 0.3, 0.6, 5, 5, 0, 0, 0]);
  close(parameters.slice(8, 10), [0, 0], 0);
  assert.equal(parameters[11], 0);
  const near = [1, 1, 0.3, 0.3001, 0, 0, 0];
  assert.ok(fast_solution(WIDE, near).loss < 0.9 * fast_solution(WIDE, near, 1e-3).loss);
});

test("two speeds: the curvature that is felt shrinks with the inner layer's", () => {
  const point = saddle(make_problem(), 2);
  const problem = make_problem();
  assert.ok(Math.abs(lowest_curvature(problem, point) + 0.026686733890778906) < 1e-12);
  const felt = lowest_curvature(problem, point, 1e-4);
  assert.ok(felt < 0 && felt > -1e-4);
  assert.equal(lowest_curvature(problem, [0, 0, 1, 0]), 2);
});

test("the inner layer alone is slowed", () => {
  const start = [0.5, 0.2, 0.4, 0.1];
  const steps = [0, 1];
  const last = (/** @type {object} */ more) => descent.simulate({ problem: WIDE, start, step_size: 0.1, steps, ...more }).arrays.parameters.data.slice(4);
  const [plain, slow] = [last({}), last({ timescale_ratio: 0.1 })];
  close(slow.slice(2), plain.slice(2), 0);
  for (const i of [0, 1]) assert.ok(Math.abs((slow[i] - start[i]) / (plain[i] - start[i]) - 0.1) < 1e-12);
  assert.throws(() => last({ timescale_ratio: 0 }), /timescale_ratio/);
});
