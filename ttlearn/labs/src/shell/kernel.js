/** The third source: JAX in the running kernel, asked for and never waited for. */

import { unpack } from "./bank.js";
import { words } from "./format.js";

/** @import {Model} from "./types" */
/** @import {Trajectory} from "../engines/types" */

const DEAF = 6000; // ms until a kernel that does not even say that it works counts as gone

/**
 * @typedef {{
 *   here: (backend: string) => void,
 *   note: (text: string) => void,
 *   trajectories: (runs: Record<string, Trajectory>) => void }} KernelListeners
 */

export class Kernel {
  /** @param {Model} model @param {KernelListeners} listeners */
  constructor(model, listeners) {
    this.model = model;
    this.listeners = listeners;
    this.id = 0;
    this.present = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.receive = this.receive.bind(this);
    model.on("msg:custom", this.receive);
    this.send({ kind: "hello" });
  }

  /** @param {object} message */
  send(message) {
    try {
      this.model.send(message);
      return true;
    } catch {
      return false; // a page without a kernel
    }
  }

  /** Ask for the trajectory of what is on the screen. */
  ask() {
    const id = ++this.id;
    const gone = () => this.listeners.note("The kernel does not answer: it is busy or no longer running. The lab goes on with its own engine.");
    clearTimeout(this.timer);
    this.model.save_changes();
    if (!this.send({ kind: "trajectory", id })) gone();
    else this.timer = setTimeout(gone, DEAF);
    return id;
  }

  /** What was asked is no longer on the screen: an answer that still comes is let go. */
  forget() {
    this.id += 1;
    clearTimeout(this.timer);
  }

  /** @param {any} message @param {DataView[]} [buffers] */
  async receive(message, buffers = []) {
    if (message.kind === "here") {
      this.present = true;
      this.listeners.here(message.backend);
    }
    if (message.id !== this.id) return;
    clearTimeout(this.timer);
    if (message.kind === "working") this.listeners.note("JAX computes in the kernel…");
    if (message.kind === "refused") this.listeners.note(`The kernel refused: ${message.reason}`);
    if (message.kind !== "trajectory") return;
    /** @type {Record<string, Trajectory>} */
    const runs = {};
    for (const [i, slot] of message.slots.entries()) runs[slot] = await toTrajectory(buffers[i]);
    if (message.id === this.id) this.listeners.trajectories(runs); // unpacking takes its time too
  }

  destroy() {
    this.forget();
    this.model.off("msg:custom", this.receive);
  }
}

/** @param {DataView} packed @returns {Promise<Trajectory>} */
async function toTrajectory(packed) {
  const bank = await unpack(packed);
  if (!bank) throw new Error("the kernel sent an empty trajectory");
  const { times, losses, ...arrays } = bank.arrays;
  return { times: times.data, losses: losses?.data ?? null, arrays, events: bank.header.events ?? [], note: "", meta: bank.header };
}

/**
 * The largest difference between two runs, at the times both have; NaN where they cannot be compared.
 * @param {Trajectory} a
 * @param {Trajectory} b
 */
export function difference(a, b) {
  let most = Number.NaN;
  const count = Math.min(a.times.length, b.times.length);
  for (let i = 0; i < count; i++)
    if (Math.abs(a.times[i] - b.times[i]) > 1e-9 * Math.max(1e-9, Math.abs(a.times[i]))) return Number.NaN;
  for (const name of Object.keys(a.arrays)) {
    const other = b.arrays[name];
    if (!other || other.shape.slice(1).join() !== a.arrays[name].shape.slice(1).join()) continue;
    const size = (count * a.arrays[name].data.length) / a.times.length;
    for (let i = 0; i < size; i++) {
      const gap = Math.abs(a.arrays[name].data[i] - other.data[i]);
      if (!(gap <= most)) most = gap;
    }
  }
  return most;
}

/**
 * How far the kernel's runs are from the page's, in words and as text of a number ("" where nothing compares).
 * @param {Record<string, Trajectory>} ours
 * @param {Record<string, Trajectory>} theirs
 */
export function comparison(ours, theirs) {
  const gaps = Object.entries(theirs).map(([slot, run]) => (ours[slot] ? difference(ours[slot], run) : Number.NaN));
  const most = Math.max(...gaps.filter((gap) => !Number.isNaN(gap)));
  const come = "The curves now come from JAX in the kernel";
  return Number.isFinite(most) ? { text: `${come}; they differ from the page's engine by at most ${words(most, 2)}.`, most: String(most) } : { text: `${come}.`, most: "" };
}
