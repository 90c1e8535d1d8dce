// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import * as race from "../../../ttlearn/labs/src/engines/race.js";
import { close, close_relative, row } from "./engines_helpers.mjs";

test("hitting times and stopping distances", () => {
  for (const [left, right, rate, time, stop] of [
    [0.02, 0.05, 4, 0.007299021051392028, 0.04890973246508749],
    [0.05, 0.02, 16, 0.001824755262848007, 0.04890973246508749],
    [0.03, 0.03, 9, 0.01333333333333333, 0],
    [0.07, 0.2, 0.09, 1.084610038365003, 0.1970998145696711],
    [0.1, 0.1001, 1, 0.3660227946117884, 0.01442730320146384],
  ]) {
    close_relative([race.hitting_time(left, right, rate)], [time], 1e-13, "time");
    close([race.stopping_distance(left, right)], [stop], 1e-15, "distance");
  }
});

test("the formula equals its integral, on both sides of the change of series and at the cusp", () => {
  const rule = [
    [-0.9061798459386640, 0.2369268850561891],
    [-0.5384693101056831, 0.4786286704993665],
    [0, 0.5688888888888889],
    [0.5384693101056831, 0.4786286704993665],
    [0.9061798459386640, 0.2369268850561891],
  ];
  for (const far of [0.1 + 1e-12, 0.1 + 1e-8, 0.1001, 0.12, 0.126, 0.1261, 0.3, 5]) {
    const near = 0.1;
    const stop = race.stopping_distance(near, far);
    // kappa T = int_0^near (1 + x / (x^3 + D^3)^(1/3))^2 dx, on panels that shrink towards D.
    let sum = 0;
    for (let right = near; right > 1e-9; right /= 1.5) {
      const left = right / 1.5;
      for (const [node, weight] of rule) {
        const x = (left + right) / 2 + ((right - left) / 2) * node;
        sum += ((right - left) / 2) * weight * (1 + x / Math.cbrt(x ** 3 + stop ** 3)) ** 2;
      }
    }
    close_relative([race.hitting_time(near, far, 1)], [sum], 3e-8, `far = ${far}`);
  }
});

test("states on the way", () => {
  const early = race.state_at(0.02, 0.05, 4, 0.003);
  const late = race.state_at(0.02, 0.05, 4, 0.006);
  close([early.left, early.right], [0.0132772953230186, 0.0492337311468157], 1e-15);
  close([late.left, late.right], [0.00472498201922135, 0.0489244270788961], 1e-15);
  const mirrored = race.state_at(0.05, 0.02, 4, 0.003);
  close([mirrored.right, mirrored.left], [early.left, early.right], 0);
  const done = race.state_at(0.02, 0.05, 4, 1);
  close([done.left, done.right], [0, 0.04890973246508749], 1e-15);
  const tie = race.state_at(0.03, 0.03, 4, 0.005);
  close([tie.left, tie.right], [0.025, 0.025], 1e-15);
});

test("an immobile flank", () => {
  close([race.hitting_time_one_flank(0.2, 0.05, 16)], [0.00397135416666667], 1e-15);
});

test("the simulation follows the formula and conserves the cubic", () => {
  for (const positions of [
    [0.48, 0.55],
    [0.2, 0.501],
    [0.47, 0.5301],
  ]) {
    const [left, right] = [0.5 - positions[0], positions[1] - 0.5];
    const end = race.hitting_time(left, right, 4);
    const times = Array.from({ length: 11 }, (_, k) => (k * end) / 8);
    const path = race.simulate({ jump: 0.5, jump_size: -2, positions, times });
    times.forEach((time, k) => {
      const expected = race.state_at(left, right, 4, time);
      close(row(path.arrays.distances, k), [expected.left, expected.right], 1e-8, `at ${time}`);
      const [l, r] = row(path.arrays.distances, k);
      close([l ** 3 - r ** 3], [left ** 3 - right ** 3], 1e-11, "cubic");
    });
    close([path.events[0].time], [end], 1e-8);
    assert.equal(path.events.length, 1);
    close(row(path.arrays.distances, 0), [left, right], 1e-16);
    close([path.losses?.[0] ?? 0], [(4 * left * right) / (left + right)], 1e-15);
  }
});

test("bad races are refused", () => {
  assert.throws(() => race.hitting_time(-1, 1, 1), /left is -1/);
  assert.throws(() => race.hitting_time(0, 0, 1), /at least one/);
  assert.throws(() => race.hitting_time(1, 1, 0), /rate is 0/);
  assert.throws(() => race.state_at(1, 1, 1, -1), /slow_time/);
  const good = { jump: 0.5, jump_size: 1, positions: [0.4, 0.6], times: [0, 1] };
  assert.throws(() => race.simulate({ ...good, positions: [0.6, 0.7] }), /one in/);
  assert.throws(() => race.simulate({ ...good, jump_size: 0 }), /not 0/);
});
