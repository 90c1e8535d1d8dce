// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { linspace } from "../../../ttlearn/labs/src/engines/arrays.js";
import { initial_positions } from "../../../ttlearn/labs/src/engines/mersenne_twister.js";
import * as flow from "../../../ttlearn/labs/src/engines/two_timescale_flow.js";
import * as limit from "../../../ttlearn/labs/src/engines/two_timescale_limit.js";
import * as sgd from "../../../ttlearn/labs/src/engines/two_timescale_sgd.js";
import { PAPER, close, row } from "./engines_helpers.mjs";

const START = initial_positions(42, 20);

test("limit: hitting times, final positions and losses of seed 42", () => {
  const path = limit.simulate({
    ...PAPER,
    positions: START,
    times: [0, 0.001, 0.005, 0.01, 0.02, 0.035],
  });
  const hits = [
    0.00157284081603591, 0.00253920150377204, 0.00874024180978468, 0.0281434829270243,
    0.00317695130875137,
  ];
  for (const { time, jump, kind } of path.events) {
    assert.equal(kind, "hit");
    close([time], [hits[Number(jump)]], 1e-12, `hitting time of jump ${jump}`);
  }
  assert.equal(path.events.length, 5);
  const losses = [
    0.899019927921353, 0.7243309018599, 0.1376815625293, 0.08443842824083, 0.05693255169104, 0,
  ];
  close(path.losses ?? [], losses, 1e-11, "loss");
  assert.equal(path.losses?.[5], 0);
  const expected = Float64Array.from(START);
  for (const [neuron, place] of /** @type {[number, number][]} */ ([
    [6, 0.186089182308094],
    [7, 0.2],
    [9, 0.306727556719752],
    [10, 0.35],
    [11, 0.4330550259497],
    [12, 0.5],
    [14, 0.65],
    [15, 0.692912542393448],
    [16, 0.734549919896158],
    [17, 0.8],
  ])) {
    expected[neuron - 1] = place;
  }
  close(row(path.arrays.positions, 5), expected, 1e-11, "final positions");
});

test("limit: too few neurons in the inner pieces leave a jump uncovered", () => {
  const path = limit.simulate({
    jumps: [0.2, 0.5, 0.8],
    values: [0, 1, 1.3, 2.3],
    positions: [0.05, 0.25, 0.75, 0.95],
    times: [0, 1],
  });
  close(path.losses ?? [], [0.08625, 0.0135], 1e-12);
});

test("limit: the order of the neurons does not matter, and half the loss takes twice the time", () => {
  const positions = [0.9, 0.1, 0.45, 0.6];
  const one = limit.simulate({ jumps: [0.5], values: [0, 2], positions, times: [0, 0.01, 0.05] });
  const sorted = [0.1, 0.45, 0.6, 0.9];
  const half = limit.simulate({
    jumps: [0.5],
    values: [0, 2],
    positions: sorted,
    times: [0, 0.02, 0.1],
    loss_factor: 0.5,
  });
  const shuffled = [3, 0, 1, 2].map((k) => row(half.arrays.positions, 1)[k]);
  close(row(one.arrays.positions, 1), shuffled, 1e-10);
  assert.equal(one.events[0].neuron, 2);
});

test("limit: a neuron that starts on a jump which draws it stays; a repelling one is refused", () => {
  const on = { jumps: [0.5], values: [0, 1], times: [0, 1] };
  const path = limit.simulate({ ...on, positions: [0.5, 0.7] });
  close(row(path.arrays.positions, 1), [0.5, 0.7], 0);
  const away = { jumps: [0.3, 0.5, 0.7], values: [4, 1, 2, -1], positions: [0.5], times: [0, 1] };
  assert.throws(() => limit.simulate(away), /pushes away/);
});

test("flow: seed 42 at ratio 2e-5 ends on the floor, near the limit", () => {
  const times = linspace(0, 0.035, 36);
  const common = { ...PAPER, positions: START, times };
  const path = flow.simulate({ ...common, activation_width: 0.004, timescale_ratio: 2e-5 });
  const ideal = limit.simulate(common);
  assert.equal(path.note, "");
  assert.ok(Math.abs((path.losses ?? [])[35] - 0.00796183) < 1e-6);
  const last = row(path.arrays.positions, 35);
  close(last, row(ideal.arrays.positions, 35), 8e-3, "positions against the limit");
});

test("flow: a tighter tolerance moves the result by about the tolerance only", () => {
  const common = {
    ...PAPER,
    positions: START,
    times: [0, 1, 3],
    activation_width: 0.004,
    timescale_ratio: 0.1,
  };
  const tight = flow.simulate({ ...common, relative_tolerance: 1e-8 });
  /** @type {number[]} */
  const errors = [1e-3, 1e-5].map((relative_tolerance) => {
    const path = flow.simulate({ ...common, relative_tolerance });
    const found = row(path.arrays.positions, 1);
    return Math.max(...found.map((u, j) => Math.abs(u - row(tight.arrays.positions, 1)[j])));
  });
  assert.ok(errors[0] < 2e-4 && errors[1] < 1e-5 && errors[1] < errors[0], `${errors}`);
});

test("flow: the shortage of neurons costs what the limit says", () => {
  const path = flow.simulate({
    jumps: [0.2, 0.5, 0.8],
    values: [0, 1, 1.3, 2.3],
    positions: [0.05, 0.25, 0.75, 0.95],
    activation_width: 1e-3,
    timescale_ratio: 1e-3,
    times: [0, 1],
  });
  close([path.losses?.[1] ?? 0], [0.013547], 1e-5);
});

test("flow: running out of steps is said, and what was reached is kept", () => {
  const path = flow.simulate({
    ...PAPER,
    positions: START,
    times: linspace(0, 10, 101),
    activation_width: 0.004,
    timescale_ratio: 0.01,
    max_steps: 50,
  });
  assert.match(path.note, /Stopped at slow time/);
  assert.ok(path.times.length > 0 && path.times.length < 101);
  assert.equal(path.times.length, path.losses?.length);
});

test("descent: the paper's program's stream gives its trajectory", () => {
  const common = {
    ...PAPER,
    positions: START,
    activation_width: 0.004,
    noise: 1,
    seed: 42,
    skip: 20,
    steps: [0, 20000],
  };
  const slow = sgd.simulate({ ...common, step_size: 1e-3, timescale_ratio: 2e-5 });
  const weights = row(slow.arrays.outer_weights, 1);
  const places = row(slow.arrays.positions, 1);
  close(
    [weights[0], weights[1], weights[7], weights[20], places[0], places[6], places[19]],
    [
      0.618137705163, 0.231013550643, 1.573378122074, -0.02753899621, 0.020464306426,
      0.211527403066, 0.969901759418,
    ],
    1e-10,
  );
  close([slow.losses?.[1] ?? 0], [1.0127433373], 1e-9);
  const fast = sgd.simulate({ ...common, step_size: 1e-5, timescale_ratio: 1 });
  const end = row(fast.arrays.positions, 1);
  close([end[0], end[6], end[19]], [-0.003532383214, 0.199390643604, 0.959413568094], 1e-10);
  close([fast.losses?.[1] ?? 0], [2.3207559165], 1e-9);
});

test("descent: saving more often changes nothing; progress is told", () => {
  const common = {
    ...PAPER,
    positions: START,
    activation_width: 0.004,
    timescale_ratio: 0.1,
    step_size: 1e-4,
    noise: 0.5,
    seed: 7,
    slope: /** @type {const} */ ("exact"),
  };
  const rare = sgd.simulate({ ...common, steps: [0, 90001] });
  const often = sgd.simulate({ ...common, steps: [0, 1, 17, 39999, 40000, 90001] });
  close(row(often.arrays.positions, 5), row(rare.arrays.positions, 1), 0);
  const told = [...sgd.run({ ...common, steps: [0, 7777, 15554, 90001] })];
  assert.ok(told.length >= 3);
  assert.ok(told.every(({ progress }) => progress > 0 && progress <= 1));
  assert.ok(told.some(({ partial }) => partial && partial.times.length > 1));
});

test("descent: a diverging run stops and names the step", () => {
  const path = sgd.simulate({
    ...PAPER,
    positions: START,
    activation_width: 0.004,
    timescale_ratio: 1,
    step_size: 0.5,
    noise: 1,
    seed: 42,
    steps: [0, 1000],
  });
  assert.match(path.note, /Diverged at step \d+/);
  assert.equal(path.times.length, 1);
  assert.ok(Number(path.meta.stopped) < 1000);
});

test("bad parameters are refused with what is allowed", () => {
  const good = {
    ...PAPER,
    positions: [0.1, 0.6],
    times: [0, 1],
    activation_width: 0.004,
    timescale_ratio: 0.1,
  };
  for (const [bad, words] of /** @type {[object, RegExp][]} */ ([
    [{ positions: [0.1, NaN] }, /finite/],
    [{ activation_width: 0 }, /positive/],
    [{ timescale_ratio: -1 }, /positive/],
    [{ times: [0, 2, 1] }, /increasing/],
    [{ times: [1, 2] }, /start at 0/],
    [{ times: [] }, /start at 0/],
    [{ jumps: [0.5, 0.2, 0.3, 0.4, 0.6] }, /increasing places/],
    [{ values: [1, 2] }, /6 numbers, not 2/],
    [{ outer_weights: [1] }, /3 numbers, not 1/],
    [{ slope: "round" }, /exact, box/],
    [{ relative_tolerance: 0 }, /number from/],
  ])) {
    assert.throws(() => flow.simulate({ ...good, ...bad }), words);
  }
  const steps = { ...good, noise: 1, seed: 1, step_size: 0.1 };
  assert.throws(() => sgd.simulate({ ...steps, steps: [0, 1.5] }), /whole numbers/);
  assert.throws(() => sgd.simulate({ ...steps, steps: [0, 2], noise: -1 }), /noise is -1/);
});
