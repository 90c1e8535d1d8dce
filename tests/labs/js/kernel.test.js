// Answers of the kernel: shown while they are of what is on the screen, let go when they are not.
import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";

registerHooks({ load: (url, context, next) => (url.endsWith(".css") ? { format: "module", source: "export default '';", shortCircuit: true } : next(url, context)) });
const { Lab } = await import("../../../ttlearn/labs/src/shell/lab.js");
const { Kernel } = await import("../../../ttlearn/labs/src/shell/kernel.js");

/** What ttlearn.labs.bank packs, uncompressed arrays and a header, then deflated. */
async function packed(/** @type {number} */ value) {
  const header = new TextEncoder().encode(JSON.stringify({ arrays: ["times", "a"].map((name) => ({ name, kind: "float64", shape: [1], low: 0, high: 0 })), meta: {} }));
  const bytes = new Uint8Array(4 + header.length + 16);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  bytes.set(new Uint8Array(Float64Array.of(0, value).buffer), 4 + header.length);
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new DataView(await new Response(stream).arrayBuffer());
}

/** A lab without a page: its own `changed` and `fromKernel`, an engine that answers at once. */
function pageless() {
  /** @type {any[]} */
  const sent = [];
  const model = { on() {}, off() {}, save_changes() {}, send: (/** @type {any} */ message) => sent.push(message) };
  /** @type {any} */
  const lab = Object.create(Lab.prototype);
  Object.assign(lab, { over: false, visible: true, runs: {}, made: {}, finished: 0, bank: null, store: { state: { x: 1 } }, schedule() {}, notes: [] });
  lab.note = (/** @type {string} */ text) => lab.notes.push(text);
  lab.definition = { runs: (/** @type {any} */ state) => [{ slot: "run", engine: "e", parameters: { ...state } }] };
  lab.runner = { busy: false, request: (/** @type {any} */ request) => lab.take(request, { times: [0], arrays: { a: { data: [request.parameters.x], shape: [1] } } }, true) };
  lab.kernel = new Kernel(/** @type {any} */ (model), { here() {}, note: lab.note, trajectories: (runs) => lab.fromKernel(runs) });
  const set = (/** @type {number} */ x) => { lab.store.state = { x }; lab.changed(["x"]); };
  const shown = () => lab.runs.run.arrays.a.data[0];
  const answer = async (/** @type {number} */ id, /** @type {number} */ value) => lab.kernel.receive({ kind: "trajectory", id, slots: ["run"] }, [await packed(value)]);
  lab.changed(["x"]);
  return { lab, sent, set, shown, answer };
}

test("the kernel's answer to what is on the screen is shown", async () => {
  const { lab, sent, shown, answer } = pageless();
  const id = lab.kernel.ask();
  assert.deepEqual(sent.at(-1), { kind: "trajectory", id });
  await answer(id, 1.5);
  assert.equal(shown(), 1.5);
  assert.match(lab.notes.at(-1), /differ from the page's engine by at most 0\.5/);
  lab.kernel.destroy();
});

test("an answer that comes after a change of the parameters is let go", async () => {
  const { lab, set, shown, answer } = pageless();
  const id = lab.kernel.ask();
  set(2);
  await answer(id, 1.5);
  assert.equal(shown(), 2, "the engine's curve of the new parameters stays");
  const again = lab.kernel.ask();
  await answer(again, 2.5);
  assert.equal(shown(), 2.5);
  lab.kernel.destroy();
});

test("a change while the answer is unpacked counts too", async () => {
  const { lab, set, shown } = pageless();
  const id = lab.kernel.ask();
  const coming = lab.kernel.receive({ kind: "trajectory", id, slots: ["run"] }, [await packed(1.5)]);
  set(3);
  await coming;
  assert.equal(shown(), 3);
  lab.kernel.destroy();
});

test("what was let go neither refuses nor counts as a kernel that does not answer", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { lab, set } = pageless();
  const id = lab.kernel.ask();
  set(2);
  await lab.kernel.receive({ kind: "refused", id, reason: "x is 1" });
  context.mock.timers.tick(60_000);
  assert.deepEqual(lab.notes, []);
  lab.kernel.destroy();
});
