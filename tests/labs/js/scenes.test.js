// What the scenes compute before they draw.
import assert from "node:assert/strict";
import { test } from "node:test";
import { covered, gridFor, localMinima, logTimes, momentAt, stairs } from "../../../ttlearn/labs/src/scenes/parts/steps.js";
import { cellOf, countWords, lossesOf, lossRange, placeAmong, startOf, successes } from "../../../ttlearn/labs/src/scenes/parts/phase_table.js";

const jumps = [0.2, 0.35, 0.5, 0.65, 0.8];
const values = [1, 5, 1, 3, 1, 5];

test("levels of the local minima are those of the theory", () => {
  const levels = localMinima(jumps, values);
  const loss = (/** @type {number} */ jump) => levels.find((level) => level.missed.includes(jump))?.loss ?? Number.NaN;
  assert.ok(Math.abs(loss(0.65) - 0.3) < 1e-12);
  assert.ok(Math.abs(loss(0.5) - 0.3) < 1e-12);
  assert.ok(Math.abs(loss(0.35) - 1.2) < 1e-12);
  assert.ok(Math.abs(loss(0.2) - 48 / 35) < 1e-12);
  assert.ok(Math.abs(loss(0.8) - 48 / 35) < 1e-12);
});

test("covered asks for the weight, not for the place alone", () => {
  const right = [1, 4, -4, 2, -2, 4];
  assert.deepEqual(covered(jumps, right, jumps, values, 0.004), [true, true, true, true, true]);
  assert.deepEqual(covered(jumps, right.with(4, -1), jumps, values, 0.004), [true, true, true, false, true]);
  assert.deepEqual(covered([0.2, 0.3, 0.5, 0.65, 0.8], right, jumps, values, 0.004), [true, false, true, true, true]);
});

test("saved times start at 0, end at the horizon, and grow by equal ratios", () => {
  const times = logTimes(20, 6, 181);
  assert.equal(times.length, 181);
  assert.deepEqual([times[0], times[180]], [0, 20]);
  assert.ok(Math.abs(times[1] - 2e-5) < 1e-18);
  assert.ok(Math.abs(times[3] / times[2] - times[100] / times[99]) < 1e-12);
});

test("the moment at a time is the last one before it", () => {
  assert.equal(momentAt([0, 1, 2, 4], 3), 2);
  assert.equal(momentAt([0, 1, 2, 4], 4), 3);
  assert.equal(momentAt([0, 1, 2, 4], 0), 0);
  assert.equal(momentAt([0, 1, 2, 4], 99), 3);
});

test("a step function's corners and a network's grid", () => {
  assert.deepEqual(stairs([0.5], [0, 2]), { xs: [0, 0.5, 0.5, 1], ys: [0, 0, 2, 2] });
  const xs = gridFor([0.3], 0.01);
  assert.ok(xs.every((x, i) => i === 0 || x >= xs[i - 1]));
  assert.ok(xs.filter((x) => Math.abs(x - 0.3) < 0.0051).length >= 9);
});

test("a cell of the phase diagram is read where Python put it", () => {
  const header = { ratios: [0.01, 0.1, 1], neurons: [2, 3], seeds: 2, success: 0.03, limit_success: 1e-6 };
  const data = Float64Array.from({ length: 12 }, (_, i) => (i + 1) / 100);
  const draws = Float64Array.of(0.9, 0.1, 0.5, 0.3, 0.2, 0.7);
  const bank = { header, arrays: { losses: { data, shape: [3, 2, 2] }, limit_losses: { data: Float64Array.of(0, 1, 0, 0), shape: [2, 2] }, draws: { data: draws, shape: [2, 3] } } };
  assert.deepEqual(cellOf({ timescale_ratio: 0.1, neurons: 3 }, bank), { row: 1, column: 1 });
  assert.deepEqual([...lossesOf(bank, { row: 1, column: 1 })], [0.07, 0.08]);
  assert.deepEqual(cellOf({ timescale_ratio: 0, neurons: 2 }, bank), { row: -1, column: 0 });
  assert.deepEqual([0, 1].map((column) => successes(bank, { row: -1, column })), [1, 2]);
  assert.equal(successes(bank, { row: 0, column: 0 }), 2);
  assert.deepEqual(startOf(bank, 0, 2), [0.1, 0.9]);
  assert.deepEqual(startOf(bank, 1, 3), [0.2, 0.3, 0.7]);
  assert.deepEqual(lossRange(bank).map((loss) => Number(loss.toPrecision(3))), [0.007, 0.18]);
});

test("a share is said with what is known of it", () => {
  assert.match(countWords(48, 64), /48 of 64 starts succeed, 75\s% with a standard error of 5\.4\s%/);
  assert.match(countWords(64, 64), /all 64 .*less than 4\.6\s% fail/);
  assert.match(countWords(0, 64), /none of 64 .*less than 4\.6\s% do/);
});

test("a decade stands between its neighbours, by ratio", () => {
  assert.equal(placeAmong([0.001, 0.01, 0.1], 0.01), 1);
  assert.ok(Math.abs(placeAmong([0.001, 0.1], 0.01) - 0.5) < 1e-12);
  assert.equal(placeAmong([0.001, 0.1], 0.001), 0);
});
