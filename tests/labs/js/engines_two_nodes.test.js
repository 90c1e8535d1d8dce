// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import * as flow from "../../../ttlearn/labs/src/engines/directional_flow.js";
import * as sample from "../../../ttlearn/labs/src/engines/finite_sample.js";
import { make_law } from "../../../ttlearn/labs/src/engines/law.js";
import { plane_functions } from "../../../ttlearn/labs/src/engines/plane_functions.js";
import * as two from "../../../ttlearn/labs/src/engines/two_nodes.js";
import { close, close_relative, row } from "./engines_helpers.mjs";

const GAUSSIAN = /** @type {const} */ ({ kind: "gaussian" });
const CIRCLE = /** @type {const} */ ({ kind: "sphere", dimension: 2 });

test("exact loss and gradients", () => {
  for (const [law, leak, loss, g1, g2] of /** @type {const} */ ([
    [CIRCLE, 0, 0.78855492375488976, [-0.1369809845230156, 0.06817672852254208],
      [0.16249762061910196, -0.10005903531474999]],
    [CIRCLE, 0.2, 0.82591094997393304, [-0.16917405410629707, 0.10630444583647382],
      [0.18433435610871553, -0.12372298506012945]],
    [GAUSSIAN, 0, 0.88404226674409327, [-0.16499537810949677, 0.11372803389879554],
      [0.20096883847265493, -0.14893893990897614]],
    [GAUSSIAN, 0.2, 0.94634408562903796, [-0.20727025650420968, 0.16512711445770064],
      [0.22649732272744776, -0.18182755394417282]],
  ])) {
    const found = two.two_node_loss([0.7, 1.1], [0.3, -2], law, leak);
    close([found.loss], [loss], 2e-11, "loss");
    close([...found.first, ...found.second], [...g1, ...g2], 2e-11, "gradient");
    const turned = (/** @type {number} */ y) => [0.6 * y, 0.8 * y];
    const space = two.two_node_loss([0.7, ...turned(1.1)], [0.3, ...turned(-2)], law, leak);
    if (law.kind === "gaussian") {
      close([space.loss, ...space.first], [loss, g1[0], ...turned(g1[1])], 2e-11, "in space");
    }
  }
});

test("the gradient is the loss's, in space too, for every law", () => {
  for (const law of /** @type {import("../../../ttlearn/labs/src/engines/law.js").LawName[]} */ ([
    GAUSSIAN,
    { kind: "sphere", dimension: 3 },
    { kind: "ball", dimension: 3, radius: 2 },
  ])) {
    const w = [0.4, -1.2, 0.3, -0.8, 0.1, 2.1];
    const at = (/** @type {number[]} */ v) => two.two_node_loss(v.slice(0, 3), v.slice(3), law, 0.3);
    const { first, second } = at(w);
    const differences = w.map((_, i) => {
      const moved = (/** @type {number} */ step) => at(w.map((x, j) => (i === j ? x + step : x)));
      return (moved(1e-5).loss - moved(-1e-5).loss) / 2e-5;
    });
    close(differences, [...first, ...second], 1e-8);
  }
});

test("T and V far out and near 0", () => {
  const plane = plane_functions(GAUSSIAN);
  close([plane.pull(0), plane.value(0)], [0, Math.LN2], 1e-12);
  close_relative([plane.pull(1e7), plane.value(1e7)], [0.62665706865775, 6266570.6865775], 1e-9);
  close([plane.pull(-2) + plane.pull(2), plane.value(-2) - plane.value(2)], [0, 0], 0);
});

test("flow: the reference's end points", () => {
  for (const [leak, w1, w2] of /** @type {const} */ ([
    [0.1, [1.4712964852263, 0.82834939702151], [-1.06312145475, 0.36434206744641]],
    [0, [1.4379160295029, 0.82269656188497], [-1.0550693464328, 0.34098454207212]],
  ])) {
    const path = two.simulate({
      law: CIRCLE,
      first: [1, 1],
      second: [-0.5, 0.3],
      leak,
      times: [0, 5],
      relative_tolerance: 1e-12,
    });
    close(row(path.arrays.first, 1), w1, 1e-9);
    close(row(path.arrays.second, 1), w2, 1e-9);
  }
});

test("flow: antipodal neurons are a linear predictor, mirrored ones keep the boundary exact", () => {
  const leak = 0.3;
  const speed = (1 + leak) ** 2 / 2;
  const path = two.simulate({
    law: GAUSSIAN,
    first: [-0.5, 0.4],
    second: [0.5, -0.4],
    leak,
    times: [0, 6],
    relative_tolerance: 1e-10,
  });
  const linear = flow.simulate({
    law: GAUSSIAN,
    norm: (1 + leak) * Math.hypot(0.5, 0.4),
    angle: Math.atan2(0.4, -0.5),
    times: [0, 6 * speed],
    relative_tolerance: 1e-11,
  });
  const end = row(path.arrays.first, 1);
  const length = (1 + leak) * Math.hypot(...end);
  close([length, path.arrays.first_angle.data[1]], [
    linear.arrays.norm.data[1],
    linear.arrays.angle.data[1],
  ], 1e-7);
  const mirror = two.simulate({ law: CIRCLE, first: [0.2, 0.9], second: [-0.2, 0.9], leak, times: [0, 20] });
  close([mirror.arrays.boundary_angle.data[1]], [0], 1e-9);
});

test("finite samples: descent follows the flow, and both the floor", () => {
  const common = /** @type {const} */ ({
    kind: "gaussian",
    samples: 400,
    seed: 3,
    weights: [0.6, -0.8],
  });
  const path = sample.simulate({ ...common, times: [0, 10, 100] });
  const steps = sample.simulate({ ...common, steps: [0, 1000, 10000], step_size: 0.01 });
  close(row(path.arrays.weights, 2), row(steps.arrays.weights, 2), 5e-3);
  assert.ok(Math.abs(path.arrays.angle.data[2]) < 4 * path.arrays.statistical_floor.data[2]);
  const squares = Array.from({ length: 30 }, (_, seed) => {
    const run = sample.simulate({ ...common, seed, times: [0, 30] });
    return (run.arrays.angle.data[1] / run.arrays.statistical_floor.data[1]) ** 2;
  });
  const ratio = Math.sqrt(squares.reduce((sum, x) => sum + x) / squares.length);
  assert.ok(ratio > 0.7 && ratio < 1.4, `root mean square over the floor: ${ratio}`);
  const law = make_law(GAUSSIAN);
  const sphere = make_law({ kind: "sphere", dimension: 5 });
  const square = (2 * sphere.density_at_zero * (Math.LN2 - 0.5)) / (sphere.k ** 2 * 300);
  close_relative([sample.statistical_floor("sphere", sphere, 300, 4)], [Math.sqrt(square / 4)], 1e-14);
  close_relative([sample.departure_time(law, 1000)], [2.580122e8], 1e-5);
});

test("finite samples: the force is minus the gradient of the loss", () => {
  const z = sample.signed_samples("sphere", 50, 3, 5);
  const w = [0.3, -2, 40];
  const force = new Float64Array(3);
  sample.sample_force(z, w, force);
  const differences = w.map((_, i) => {
    const at = (/** @type {number} */ step) =>
      sample.sample_loss(z, w.map((x, j) => (i === j ? x + step : x)));
    return (at(-1e-5) - at(1e-5)) / 2e-5;
  });
  close(differences, force, 1e-9);
  for (let i = 0; i < z.length; i += 3) {
    assert.ok(z[i] >= 0);
    close([Math.hypot(z[i], z[i + 1], z[i + 2])], [1], 1e-15);
  }
});

test("bad parameters are refused with what is allowed", () => {
  const good = { law: CIRCLE, first: [1, 0], second: [0, 1], leak: 0, times: [0, 1] };
  assert.throws(() => two.simulate({ ...good, leak: 1.1 }), /leak is 1.1/);
  assert.throws(() => two.simulate({ ...good, first: [0, 0] }), /not 0/);
  assert.throws(() => two.simulate({ ...good, first: [1, 0, 0, 0] }), /2 or 3/);
  assert.throws(() => two.simulate({ ...good, second: [0, 1, 2] }), /2 numbers/);
  const few = /** @type {const} */ ({ kind: "gaussian", samples: 10, seed: 1, weights: [1, 1] });
  assert.throws(() => sample.simulate({ ...few, samples: 0, times: [0, 1] }), /samples is 0/);
  assert.throws(() => sample.simulate({ ...few, steps: [0, 1] }), /step_size/);
  assert.throws(() => sample.simulate({ ...few, weights: [1], times: [0, 1] }), /2 to 100/);
});
