// The shell's pure parts: what is let in, links, numbers in words, CSV, the packed bank.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { clampValue, readNumber } from "../../../ttlearn/labs/src/shell/check.js";
import { decode, unpack } from "../../../ttlearn/labs/src/shell/bank.js";
import { logValues, notchOf } from "../../../ttlearn/labs/src/shell/controls.js";
import { list, short, words } from "../../../ttlearn/labs/src/shell/format.js";
import { inflateZlib } from "../../../ttlearn/labs/src/shell/inflate.js";
import { comparison, difference } from "../../../ttlearn/labs/src/shell/kernel.js";
import { readFragment, writeFragment } from "../../../ttlearn/labs/src/shell/link.js";
import { sameRequest } from "../../../ttlearn/labs/src/shell/runner.js";
import { Store } from "../../../ttlearn/labs/src/shell/store.js";
import { thin, toCsv } from "../../../ttlearn/labs/src/shell/table.js";
import { serve } from "../../../ttlearn/labs/src/shell/worker.js";

/** @returns {any} */
const control = (/** @type {object} */ given) => ({ name: "ratio", kind: "number", label: "Ratio", unit: "", help: "", group: "", low: 0, high: 1, step: 0.1, log: false, increasing: false, least: 0, most: 4, stops: [], choices: [], only: {}, hidden: false, ...given });
const ratio = control({});
const jumps = control({ name: "jumps", kind: "numbers", label: "Jumps", increasing: true, least: 1 });
const mode = control({ name: "mode", kind: "choice", choices: [{ value: "a", label: "A" }, { value: "b", label: "B" }] });
const flag = control({ name: "on", kind: "flag" });
const count = control({ name: "count", kind: "integer", low: 1, high: 9 });
const all = [ratio, jumps, mode, flag, count];
const opening = { ratio: 0.5, jumps: [0.2, 0.4], mode: "a", on: false, count: 3 };

test("a number is clamped with a note, and refused when it is none", () => {
  assert.deepEqual(clampValue(ratio, "0.25"), { value: 0.25, note: "", ok: true });
  assert.equal(clampValue(ratio, 7).value, 1);
  assert.match(clampValue(ratio, 7).note, /outside/);
  for (const bad of ["", "abc", Number.NaN, Number.POSITIVE_INFINITY, null, undefined, {}, "0x1f", "1 2"])
    assert.equal(clampValue(ratio, bad).ok, false, String(bad));
  assert.equal(clampValue(count, "3.6").value, 4);
  assert.match(clampValue(count, "3.6").note, /set to 4.*3\.6/);
});

test("lists are counted, sorted and checked one by one", () => {
  assert.deepEqual(clampValue(jumps, "0.4; 0.1").value, [0.1, 0.4]);
  assert.equal(clampValue(jumps, "0.4 0.4").ok, false);
  assert.equal(clampValue(jumps, "").ok, false);
  assert.equal(clampValue(jumps, "0.1,0.2,0.3,0.4,0.5").ok, false);
  assert.equal(clampValue(jumps, "0.1,x").ok, false);
  assert.equal(clampValue(mode, "c").ok, false);
  assert.equal(clampValue(flag, "maybe").ok, false);
});

test("numbers are read as people write them", () => {
  assert.equal(readNumber(" −2,5 "), -2.5);
  assert.equal(readNumber("1e-3"), 1e-3);
  assert.ok(Number.isNaN(readNumber("1.2.3")));
});

test("every notch of a logarithmic slider moves the number, also where numbers are whole", () => {
  const whole = logValues(1, 300, true);
  assert.deepEqual(whole.slice(0, 4), [1, 2, 3, 4]);
  assert.equal(whole.at(-1), 300);
  for (const values of [whole, logValues(1e-5, 1, false)])
    values.forEach((value, i) => assert.equal(notchOf(values, value), i));
  assert.equal(notchOf([1, 10, 100], 4), 1);
  assert.equal(notchOf([1, 10, 100], 3), 0);
  assert.equal(notchOf([1, 10, 100], 1e9), 2);
});

test("a link gives the state back, whatever it is", () => {
  const state = { ratio: 0.1 + 0.2, jumps: [0.123456789012345, 1 / 3], mode: "b", on: true, count: 9 };
  const read = readFragment("my lab", all, writeFragment("my lab", all, state, opening));
  assert.deepEqual({ ...opening, ...read?.patch }, state);
  assert.equal(writeFragment("x", all, opening, opening), "#lab=x");
});

test("a link that cannot be read changes nothing; another's is none of ours", () => {
  for (const bad of ["#lab=x&ratio=fast", "#lab=x&ratio", "#lab=x&size=1", "#lab=x&ratio=%E0%A4%A", "#lab=x&&"]) {
    const read = readFragment("x", all, bad);
    assert.deepEqual(read?.patch, {}, bad);
    assert.match(read?.error ?? "", /ignored/);
  }
  for (const other of ["", "#", "#section", "#lab=y&ratio=1", "#lab", "#%%%"]) assert.equal(readFragment("x", all, other), null);
  assert.equal(readFragment("x", all, "#lab=x&ratio=3")?.notes.length, 1);
});

test("numbers in words", () => {
  assert.equal(words(0.00002), "2×10⁻⁵");
  assert.equal(words(1e-5), "10⁻⁵");
  assert.equal(words(-0.5), "−0.5");
  assert.equal(words(1234567), "1.23×10⁶");
  assert.equal(words(0), "0");
  assert.equal(words(100), "100");
  assert.equal(words(Number.NaN), "no number");
  assert.equal(short(0.1 + 0.2), "0.3");
  assert.equal(list(["a", "b", "c"]), "a, b and c");
});

test("CSV keeps numbers whole and quotes what needs it", () => {
  const text = toCsv({ columns: ["a", "b,c"], rows: [[1 / 3, 'say "x"'], [Number.NaN, ""]] });
  assert.equal(text, 'a,"b,c"\r\n0.3333333333333333,"say ""x"""\r\n,\r\n');
  const rows = thin(Array.from({ length: 1000 }, (_, i) => i), 10);
  assert.deepEqual([rows.length, rows[0], rows[9]], [10, 0, 999]);
});

test("packed differences wrap at 16 bits", () => {
  const bytes = Uint8Array.from([0xff, 0x02, 0xff, 0x00]); // 65535, then + 2 wraps to 1
  assert.deepEqual([...decode(bytes, { kind: "uint16", shape: [2], low: 0, high: 65535 }, 2)], [65535, 1]);
});

test("the page unpacks what zlib packed, by itself", () => {
  const noise = Uint8Array.from({ length: 70000 }, (_, i) => (i * i * 2654435761) >>> 24);
  const smooth = Uint8Array.from({ length: 200000 }, (_, i) => 100 + 90 * Math.sin(i / 900));
  for (const bytes of [new Uint8Array(0), Uint8Array.of(7), noise, smooth, new TextEncoder().encode("again ".repeat(9000))])
    for (const options of [{ level: 0 }, { level: 1 }, { level: 9 }, { strategy: 4 }])
      assert.ok(Buffer.from(inflateZlib(deflateSync(bytes, options))).equals(bytes), `${bytes.length} bytes, ${JSON.stringify(options)}`);
  const packed = deflateSync(smooth);
  assert.throws(() => inflateZlib(packed.subarray(0, 200)), /damaged/);
  assert.throws(() => inflateZlib(Uint8Array.from({ length: 60 }, () => 255)), /damaged/);
});

test("nothing packed is nothing, damage is an error", async () => {
  assert.equal(await unpack(null), null);
  assert.equal(await unpack(new DataView(new ArrayBuffer(0))), null);
  await assert.rejects(unpack(new DataView(new ArrayBuffer(9))));
});

test("two runs are compared at the times both have", () => {
  const run = (/** @type {number[]} */ data) => ({ times: Float64Array.from([0, 1]), arrays: { a: { data: Float64Array.from(data), shape: [2] } }, losses: null, events: [], note: "", meta: {} });
  assert.equal(difference(run([1, 2]), run([1, 2.5])), 0.5);
  assert.ok(Number.isNaN(difference(run([1, 2]), { ...run([1, 2]), times: Float64Array.from([0, 2]) })));
  assert.deepEqual(comparison({}, { a: run([1, 2]) }), { text: "The curves now come from JAX in the kernel.", most: "" });
  assert.equal(comparison({ a: run([1, 2]) }, { a: run([1, 2.5]) }).most, "0.5");
});

test("a request is the same when its numbers are", () => {
  const request = (/** @type {any} */ times) => ({ slot: "a", engine: "e", parameters: { times } });
  assert.ok(sameRequest(request([1, 2]), request(Float64Array.from([1, 2]))));
  assert.ok(!sameRequest(request([1, 2]), request([1, 3])));
});

/** @returns {any} */
function model(/** @type {any} */ state) {
  return { state, saved: 0, get: (/** @type {string} */ n) => state[n], set: (/** @type {string} */ n, /** @type {any} */ v) => { state[n] = v; }, save_changes() { this.saved += 1; }, on() {}, off() {}, send() {} };
}

test("the store clamps, notes, mirrors into the model and saves once", () => {
  const widget = model({ ...opening });
  /** @type {string[]} */
  const notes = [];
  const store = new Store(widget, all, undefined, { changed: () => {}, note: (text) => notes.push(text) });
  store.set({ ratio: 9, count: "nine" });
  assert.equal(widget.state.ratio, 1);
  assert.equal(widget.state.count, 3);
  assert.match(notes[0], /outside.*not a number/);
  store.set({ ratio: 0.3 });
  assert.equal(notes[1], "");
  store.destroy();
  assert.equal(widget.saved, 1);
});

test("the worker answers, replaces, cancels and reports what an engine throws", async () => {
  /** @type {any[]} */
  const posted = [];
  /** @type {any} */
  const port = { onmessage: null, postMessage: (/** @type {any} */ message) => posted.push(message) };
  const whole = { times: new Float64Array(1), arrays: {}, losses: null, events: [], note: "", meta: {} };
  /** @type {any} */
  const engines = {
    quick: { *run() { yield { progress: 0.5 }; return whole; } },
    endless: { *run() { for (;;) yield { progress: 0.1 }; } },
    refusing: { *run() { throw new RangeError("found 2, allowed 1"); } },
  };
  serve(engines, port);
  const until = async (/** @type {(message: any) => boolean} */ seen) => {
    while (!posted.some(seen)) await new Promise((done) => setTimeout(done, 2));
  };
  const send = (/** @type {any} */ data) => port.onmessage({ data });
  send({ id: 1, slot: "a", engine: "endless", parameters: {} });
  await until((message) => message.id === 1 && message.progress === 0.1);
  send({ id: 2, slot: "a", engine: "quick", parameters: {} });
  send({ id: 3, slot: "b", engine: "refusing", parameters: {} });
  send({ id: 4, slot: "c", engine: "unknown", parameters: {} });
  await until((message) => message.id === 2 && message.trajectory === whole);
  await until((message) => message.id === 3 && /found 2/.test(message.error));
  await until((message) => message.id === 4 && /no engine unknown/.test(message.error));
  send({ id: 5, slot: "a", engine: "endless", parameters: {} });
  send({ cancel: "a" });
  const before = posted.length;
  await new Promise((done) => setTimeout(done, 40));
  assert.equal(posted.length, before);
});
