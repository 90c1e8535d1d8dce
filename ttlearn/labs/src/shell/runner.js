/** The page's side of the worker: newest request wins, one request in flight for each slot. */

import { same } from "./check.js";
import { pageWorker } from "./fallback.js";

/** @import {RunRequest} from "./types" */
/** @import {Trajectory} from "../engines/types" */

const PATIENCE = 200; // ms: a run that takes longer is given up for a newer request,
const USUAL = 2; // unless runs of its kind usually take that long (twice the last one is waited for)
const LONGEST = 1500; // and never longer than this: else a drag would show nothing, or the past

/**
 * @typedef {{
 *   done: (request: RunRequest, run: Trajectory) => void,
 *   partial: (request: RunRequest, run: Trajectory) => void,
 *   progress: (progress: number) => void,
 *   failed: (slot: string, reason: string) => void,
 *   moved: () => void,
 *   dead: () => void,
 *   idle: () => void }} RunnerListeners
 *
 * `progress`: of the run that is furthest from its end; `moved`: the engines run on the page itself from now on; `dead`: they run nowhere.
 */

export class Runner {
  /**
   * @param {string} source text of the worker
   * @param {RunnerListeners} listeners
   */
  constructor(source, listeners) {
    this.listeners = listeners;
    /** @type {Map<string, {id: number, request: RunRequest, since: number, progress: number}>} */
    this.flying = new Map();
    /** @type {Map<string, RunRequest>} */
    this.waiting = new Map();
    this.last = 0;
    /** How long the last whole run of each slot took, ms. @type {Map<string, number>} */
    this.took = new Map();
    this.source = source;
    this.url = "";
    this.inPage = false;
    this.heard = false;
    this.worker = this.open();
  }

  /** A worker, or its stand-in where the browser has none or the page may not start one. */
  open() {
    if (typeof Worker === "undefined") return this.openInPage();
    this.url = URL.createObjectURL(new Blob([this.source], { type: "text/javascript" }));
    try {
      return this.attach(new Worker(this.url));
    } catch {
      return this.openInPage();
    }
  }

  openInPage() {
    this.inPage = true;
    return this.attach(pageWorker(this.source));
  }

  /** @template {{onmessage: any, onerror: any}} T @param {T} worker @returns {T} */
  attach(worker) {
    worker.onmessage = (/** @type {{data: any}} */ { data }) => this.receive(data);
    worker.onerror = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.broken();
    };
    return worker;
  }

  /** A worker that never spoke did not start: the page takes over what was asked of it. */
  broken() {
    if (this.inPage || this.heard) {
      for (const slot of this.flying.keys()) this.listeners.failed(slot, "the engine stopped working; reload the page");
      return;
    }
    this.worker.terminate();
    try {
      this.worker = this.openInPage();
    } catch {
      return this.listeners.dead();
    }
    this.listeners.moved();
    for (const { request } of [...this.flying.values()]) this.send(request);
  }

  /** @param {RunRequest} request */
  request(request) {
    const { slot } = request;
    const flying = this.flying.get(slot);
    if (flying && sameRequest(flying.request, request)) {
      this.waiting.delete(slot);
      return;
    }
    if (flying && !this.overdue(slot, flying.since)) this.waiting.set(slot, request);
    else this.send(request);
  }

  /** @param {RunRequest} request */
  send(request) {
    const id = ++this.last;
    this.waiting.delete(request.slot);
    this.flying.set(request.slot, { id, request, since: performance.now(), progress: 0 });
    this.worker.postMessage({ id, ...request });
  }

  /** @param {string} slot @param {number} since */
  overdue(slot, since) {
    const patience = Math.min(LONGEST, Math.max(PATIENCE, USUAL * (this.took.get(slot) ?? 0)));
    return performance.now() - since > patience;
  }

  /** @param {any} data */
  receive(data) {
    this.heard = true;
    const flying = this.flying.get(data.slot);
    if (!flying || flying.id !== data.id) return; // of a run that was replaced or stopped
    const { listeners } = this;
    if (data.partial) listeners.partial(flying.request, data.partial);
    if (data.progress !== undefined) {
      flying.progress = data.progress;
      const next = this.waiting.get(data.slot);
      if (next && this.overdue(data.slot, flying.since)) this.send(next);
      else listeners.progress(Math.min(...[...this.flying.values()].map(({ progress }) => progress)));
      return;
    }
    this.flying.delete(data.slot);
    this.took.set(data.slot, performance.now() - flying.since);
    if (data.error !== undefined) listeners.failed(data.slot, data.error);
    else listeners.done(flying.request, data.trajectory);
    const next = this.waiting.get(data.slot);
    if (next) this.send(next);
    else if (this.flying.size === 0) listeners.idle();
  }

  /** Stop every run that is under way. */
  stop() {
    for (const slot of this.flying.keys()) this.worker.postMessage({ cancel: slot });
    this.flying.clear();
    this.waiting.clear();
    this.listeners.idle();
  }

  get busy() {
    return this.flying.size > 0;
  }

  destroy() {
    this.worker.terminate();
    URL.revokeObjectURL(this.url);
  }
}

/**
 * @param {RunRequest} a
 * @param {RunRequest} b
 */
export function sameRequest(a, b) {
  if (a.engine !== b.engine) return false;
  const names = new Set([...Object.keys(a.parameters), ...Object.keys(b.parameters)]);
  return [...names].every((name) => same(plain(a.parameters[name]), plain(b.parameters[name])));
}

/** @param {any} value */
function plain(value) {
  return ArrayBuffer.isView(value) ? Array.from(/** @type {any} */ (value)) : value;
}
