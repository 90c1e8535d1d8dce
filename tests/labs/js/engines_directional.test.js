// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import * as descent from "../../../ttlearn/labs/src/engines/directional_descent.js";
import * as flow from "../../../ttlearn/labs/src/engines/directional_flow.js";
import { make_law } from "../../../ttlearn/labs/src/engines/law.js";
import {
  angle_of,
  log_half_angle,
  nullcline_angle,
  polar_field,
  polar_loss,
} from "../../../ttlearn/labs/src/engines/linear_predictor.js";
import { gauss_legendre, read_table } from "../../../ttlearn/labs/src/engines/quadrature.js";
import { close, close_relative } from "./engines_helpers.mjs";

const GAUSSIAN = /** @type {const} */ ({ kind: "gaussian" });
const CIRCLE = /** @type {const} */ ({ kind: "sphere", dimension: 2 });
/** @param {number} angle */
const half = (angle) => Math.log(Math.tan(angle / 2));

test("Gauss rule and table reading are exact on polynomials", () => {
  const { nodes, weights } = gauss_legendre(12);
  const power = nodes.reduce((sum, x, i) => sum + weights[i] * x ** 23, 0);
  close([power], [1 / 24], 1e-16);
  const samples = Float64Array.from({ length: 20 }, (_, i) => (i / 10) ** 9);
  close([read_table(samples, 3.7), read_table(samples, 0.2)], [0.37 ** 9, 0.02 ** 9], 1e-13);
  close([read_table(samples, 7)], [0.7 ** 9], 0);
});

test("g, h and m of the laws", () => {
  const gaussian = make_law(GAUSSIAN);
  for (const [norm, g, h] of [
    [0.1, 3.7400447009501407e-1, 6.5450139520066607e-1],
    [1, 1.9232131625952564e-1, 4.0711690294600711e-1],
    [3, 5.442856607970105e-2, 1.972512019543016e-1],
    [20, 1.626597554016034e-3, 3.2717962581419042e-2],
    [1000, 6.5623148088160972e-7, 6.5623299211791998e-4],
  ]) {
    close_relative([gaussian.g(norm), gaussian.h(norm)], [g, h], 1e-11, `norm ${norm}`);
  }
  for (const [norm, m] of [
    [0.1, 2.4937810306418609e-1],
    [1, 2.0662096414190704e-1],
    [20, 1.9865784142370832e-2],
  ]) {
    close_relative([gaussian.m(norm)], [m], 1e-11);
  }
  for (const [dimension, norm, g, h] of [
    [2, 2, 1.1539096490090093e-1, 2.807892082842678e-1],
    [2, 100, 5.2377992889046404e-5, 5.2365912219205763e-3],
    [3, 2, 1.0939963165593611e-1, 3.4572727435484472e-1],
    [10, 5, 4.0674189540969251e-2, 3.0523329379472208e-1],
  ]) {
    const law = make_law({ kind: "sphere", dimension });
    close_relative([law.g(norm), law.h(norm)], [g, h], 1e-11, `sphere ${dimension}`);
  }
  const ball = make_law({ kind: "ball", dimension: 2 });
  close_relative([ball.g(2), ball.h(2)], [1.0396640385696587e-1, 3.8475561214123368e-1], 1e-11);
});

test("constants of the laws, and the tails beyond the table", () => {
  const nine = make_law({ kind: "sphere", dimension: 10 });
  close_relative(
    [nine.k * Math.PI, nine.density_at_zero, nine.tail],
    [0.40634920634920635, 1.1641047266150059, 1.9148755221880645],
    1e-13,
  );
  close_relative([make_law(CIRCLE).tail], [Math.PI / 6], 1e-14);
  close_relative([make_law({ kind: "heavy_centre", beta: 0.5 }).tail], [0.5659553660701028], 1e-10);
  for (const kind of /** @type {const} */ (["gaussian", "sphere", "ball", "heavy_centre"])) {
    const law = make_law({ kind });
    const power = law.tail_exponent;
    close_relative([law.g(1e9) * 1e9 ** power], [law.tail], 1e-2, kind);
    close_relative([law.g(1e-7), law.m(1e-7)], [law.k, law.second_moment / 4], 1e-6, kind);
    close_relative([law.g(9.9e6) / law.g(1.01e7)], [(1.01 / 0.99) ** power], 5e-6, kind);
    const wide = make_law({ kind, radius: 3 });
    close_relative([wide.g(0.5), wide.h(0.5)], [3 * law.g(1.5), law.h(1.5)], 1e-14);
    close_relative([law.m(0.7) * 0.7], [law.k - law.g(0.7)], 1e-10, "m = (k - g) / norm");
  }
});

test("loss and field in the (norm, angle) plane", () => {
  const gaussian = make_law(GAUSSIAN);
  close([polar_loss(gaussian, 1.5, half(2))], [1.1740796029475426], 1e-12);
  close([polar_loss(make_law(CIRCLE), 1.5, half(2))], [1.0236570923530646], 1e-11);
  for (const [depth, norm, angle] of [
    [1, -4.3111015313708541e-1, -2.4183812601399488e-1],
    [2, -1.2933304594112562, -3.6275718902099232e-1],
    [4, -3.1679996943569276, -4.442850068138896e-1],
  ]) {
    const field = polar_field(gaussian, 1.5, 2, depth);
    close([field.norm, field.angle], [norm, angle], 1e-11);
  }
  const angle = nullcline_angle(gaussian, 2);
  close([polar_field(gaussian, 2, angle, 3).norm], [0], 1e-13);
  close([angle_of(log_half_angle(-3, Math.log(4)))], [Math.atan2(4, -3)], 1e-15);
});

test("flow: norms and angles at time 10, depth 1 to 4", () => {
  [
    [1.7924004905766884, 7.0742487317200798e-2],
    [2.8428879121940183, 5.7640500657354e-2],
    [3.8985512476616103, 4.65072954802e-2],
    [4.723346704629041, 4.3515624563791828e-2],
  ].forEach((expected, i) => {
    const path = flow.simulate({
      law: GAUSSIAN,
      norm: 1,
      angle: 2,
      depth: i + 1,
      times: [0, 10],
      relative_tolerance: 1e-12,
    });
    close_relative([path.arrays.norm.data[1], path.arrays.angle.data[1]], expected, 1e-10);
  });
});

test("flow: to time 1e10, with angles far below the smallest number", () => {
  for (const [depth, time, norm, y, tolerance] of [
    [1, 1000, 12.279314485129166, -51.932855342114048, 1e-9],
    [2, 1000, 50.865919141074182, -398.49925767730722, 1e-9],
    [1, 1e8, 581.73096, -102878.77, 5e-8],
    [4, 1e8, 537204.76, -2.1930131e10, 5e-8],
    [1, 1e10, 2700.1822, -2216210.7, 2e-8],
  ]) {
    const path = flow.simulate({
      law: GAUSSIAN,
      norm: 1,
      angle: 2,
      depth,
      times: [0, time],
      relative_tolerance: 1e-11,
    });
    const { norm: norms, log_half_angle: ys } = path.arrays;
    close_relative([norms.data[1], ys.data[1]], [norm, y], tolerance, `depth ${depth}`);
  }
  const deep = flow.simulate({ law: GAUSSIAN, norm: 1, angle: 2, depth: 6, times: [0, 1e10] });
  const law = make_law(GAUSSIAN);
  const leading = (law.k / (12 * law.tail)) * deep.arrays.norm.data[1] ** 2;
  close_relative([-deep.arrays.log_half_angle.data[1]], [leading], 1e-6);
});

test("flow: antiparallel starts cross the origin at depth 1 and are stuck from depth 2 on", () => {
  const start = { law: GAUSSIAN, norm: 1, angle: Math.PI, times: [0, 1, 10] };
  const one = flow.simulate(start);
  close(one.arrays.angle.data, [Math.PI, Math.PI, 0], 0);
  assert.ok(one.arrays.norm.data[2] > 1);
  const two = flow.simulate({ ...start, depth: 2 });
  close(two.arrays.angle.data, [Math.PI, Math.PI, Math.PI], 0);
  assert.ok(two.arrays.norm.data[2] < 1e-3);
  assert.ok(two.losses?.every(Number.isFinite));
});

test("descent: the steps of the reference", () => {
  const start = { norm: 1, angle: Math.acos(-0.8) };
  const half_step = { law: CIRCLE, ...start, step_size: 0.5, steps: [1, 10, 100] };
  const circle = descent.simulate(half_step);
  const along = [-5.9373077412330049e-1, 7.9125777129874115e-1, 4.2230671336148369];
  const across = [5.6466428791139687e-1, 3.2022715302136293e-1, 6.3949520118212752e-3];
  close(circle.arrays.along.data, along, 1e-11);
  close(circle.arrays.log_across.data.map(Math.exp), across, 1e-11);
  const long = descent.simulate({ law: GAUSSIAN, ...start, step_size: 10, steps: [1, 5, 20] });
  const signed = long.arrays.log_across.data.map((x, k) => long.arrays.sign.data[k] * Math.exp(x));
  close(long.arrays.along.data, [4.8423905171495831, 5.7399734505956262, 7.7734210834941902], 1e-10);
  close_relative(
    signed,
    [-6.3972578485144222e-1, -3.6208276672070782e-3, -9.7085773344652258e-9],
    1e-10,
  );
});

test("descent: depth 3 grows past the edge of stability and the angle climbs back", () => {
  const path = descent.simulate({
    law: GAUSSIAN,
    norm: 1,
    angle: Math.acos(-0.8),
    step_size: 1,
    depth: 3,
    steps: [0, 1000, 2000, 3000, 5000],
  });
  const { norm, sharpness, log_half_angle: ys } = path.arrays;
  close([norm.data[1]], [127.5], 5e-3);
  close([sharpness.data[1]], [1.9991], 1e-4);
  assert.ok(ys.data[1] / Math.LN10 < -232 && ys.data[2] > ys.data[1] + 100);
  assert.ok(sharpness.data[3] > 2 && sharpness.data[4] < 2, "the catapult lowers the sharpness");
  close([descent.critical_norm(make_law(GAUSSIAN), 1, 3)], [126], 0.05);
});

test("bad parameters are refused with what is allowed", () => {
  const good = { law: GAUSSIAN, norm: 1, angle: 1, times: [0, 1] };
  for (const [bad, words] of /** @type {[object, RegExp][]} */ ([
    [{ norm: 0 }, /positive/],
    [{ angle: 4 }, /angle is 4/],
    [{ depth: 0 }, /depth is 0/],
    [{ depth: 1.5 }, /whole number/],
    [{ law: { kind: "cube" } }, /gaussian, sphere/],
    [{ law: { kind: "sphere", dimension: 1 } }, /dimension is 1/],
    [{ law: { kind: "heavy_centre", beta: 1 } }, /beta is 1/],
    [{ law: { kind: "gaussian", radius: -1 } }, /radius is -1/],
    [{ times: [0, 0] }, /increasing/],
  ])) {
    assert.throws(() => flow.simulate({ ...good, ...bad }), words);
  }
  const steps = { law: GAUSSIAN, norm: 1, angle: 1, step_size: 1, steps: [0, 1] };
  assert.throws(() => descent.simulate({ ...steps, step_size: 0 }), /step_size is 0/);
  assert.throws(() => descent.simulate({ ...steps, steps: [2, 1] }), /increasing whole/);
  assert.throws(() => descent.simulate({ ...steps, norm: 0, depth: 2 }), /saddle/);
  const zero = descent.simulate({ ...steps, norm: 0 });
  assert.ok(zero.arrays.norm.data[1] > 0, "depth 1 leaves the origin");
});
