/** The shell every lab shares: puts parameters, engines, panels and words together and takes them apart again. */

import { Announcer } from "./announce.js";
import { unpack } from "./bank.js";
import { Busy } from "./busy.js";
import { controlPanel } from "./controls.js";
import { h, put } from "./dom.js";
import { words } from "./format.js";
import { Kernel, difference } from "./kernel.js";
import { readFragment } from "./link.js";
import { followTheme, isStaticPage } from "./page.js";
import { Plot } from "./plot.js";
import { Runner, sameRequest } from "./runner.js";
import { Store } from "./store.js";
import css from "./style.css";
import { toolbar } from "./toolbar.js";
import { Transport } from "./transport.js";

/** @import {Bank, Control, Frame, LabDefinition, Model} from "./types" */
/** @import {Trajectory} from "../engines/types" */

/** @param {LabDefinition} definition */
export function lab(definition) {
  return {
    /** @param {{model: Model, el: HTMLElement}} context */
    render({ model, el }) {
      const view = new Lab(definition, model, el);
      return () => view.destroy();
    },
  };
}

export class Lab {
  /** @param {LabDefinition} definition @param {Model} model @param {HTMLElement} el */
  constructor(definition, model, el) {
    this.definition = definition;
    this.model = model;
    this.abort = new AbortController();
    /** @type {Control[]} */
    this.controls = model.get("_controls");
    this.name = model.get("link_name") || definition.name;
    /** @type {Record<string, Trajectory>} */
    this.runs = {};
    /** @type {Record<string, import("./types").RunRequest>} what made `runs` */
    this.made = {};
    /** @type {Bank | null} */
    this.bank = null;
    /** @type {number} */
    this.openingMoment = model.get("moment") ?? 1;
    this.pending = 0;
    this.visible = false;
    this.finished = 0;
    this.store = new Store(model, this.controls, definition.tidy, {
      changed: (names) => this.changed(names),
      note: (text) => this.note(text),
    });
    this.build(el);
    this.start();
  }

  /** @param {HTMLElement} el */
  build(el) {
    const { signal } = this.abort;
    this.announcer = new Announcer(signal);
    this.transport = new Transport(() => this.schedule(), signal);
    this.transport.moment = this.openingMoment;
    this.form = controlPanel(this.controls, (patch) => this.store.set(patch), signal);
    this.summary = h("p", { class: "ttl-summary" });
    this.remark = h("p", { class: "ttl-remark" });
    this.notice = h("p", { class: "ttl-note", role: "status" });
    this.busy = new Busy(() => this.stop(), signal);
    this.grid = h("div", { class: "ttl-panels" });
    this.panels = this.definition.panels.map((panel) => this.addPanel(panel));
    this.tools = toolbar(this, signal);
    this.root = h("div", { class: "ttl-lab", role: "group", "aria-label": this.model.get("title") || "Lab", "data-lab": this.name, "data-state": "waiting", "data-lm-suppress-shortcuts": "true" },
      h("style", { text: css }), this.tools.presets, this.summary, this.remark, this.grid, this.transport.element,
      this.busy.element, this.notice, this.form.element, this.tools.element, this.announcer.element);
    Object.assign(this.root, { lab: this }); // for the console and the tests
    el.append(this.root);
    followTheme(this.root, signal);
    // Keys are the lab's own: a notebook must not take an arrow for "next cell".
    this.root.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
  }

  /** @param {import("./types").PanelDefinition} definition */
  addPanel(definition) {
    const title = h("h3", { class: "ttl-title" });
    put(title, { role: "presentation" });
    const box = h("div", { class: "ttl-box" });
    const figure = h("figure", { class: `ttl-panel${definition.wide ? " ttl-wide" : ""}`, "data-panel": definition.name }, title, box);
    this.grid?.append(figure);
    return { definition, title, plot: new Plot(box, definition.label, definition.height ?? 220) };
  }

  start() {
    const { signal } = this.abort;
    this.runner = this.definition.worker ? this.makeRunner() : null;
    if (this.runner?.inPage) this.note("This browser has no Web Workers: the lab computes on the page itself and may stutter.");
    this.kernel = new Kernel(this.model, {
      here: (backend) => this.tools?.kernelHere(backend),
      note: (text) => this.note(text),
      trajectories: (runs) => this.fromKernel(runs),
    });
    this.onMoment = () => this.followMoment();
    this.model.on("change:moment", this.onMoment);
    const resized = new ResizeObserver(() => this.schedule());
    resized.observe(/** @type {HTMLElement} */ (this.grid));
    const seen = new IntersectionObserver((entries) => this.onSeen(entries[entries.length - 1].isIntersecting), { rootMargin: "300px" });
    seen.observe(/** @type {HTMLElement} */ (this.root));
    signal.addEventListener("abort", () => {
      resized.disconnect();
      seen.disconnect();
    });
    if (isStaticPage()) {
      addEventListener("hashchange", () => this.restore(), { signal });
      this.restore();
    }
    this.form?.show(this.store.state);
    this.readBank();
  }

  makeRunner() {
    const listeners = {
      done: (/** @type {any} */ request, /** @type {Trajectory} */ run) => this.take(request, run, true),
      partial: (/** @type {any} */ request, /** @type {Trajectory} */ run) => this.take(request, run, false),
      progress: (/** @type {string} */ _slot, /** @type {number} */ value) => this.busy?.show(value),
      failed: (/** @type {string} */ slot, /** @type {string} */ reason) => this.failed(slot, reason),
      idle: () => this.idle(),
    };
    return new Runner(this.definition.worker, listeners);
  }

  readBank() {
    const packed = this.model.get("_bank");
    if (!packed || packed.byteLength === 0) return this.compute();
    unpack(packed).then(
      (bank) => {
        this.bank = bank;
        this.compute();
      },
      (error) => {
        this.note(`${error.message}.`);
        this.compute();
      },
    );
  }

  /** Take the state from the page's address, where it speaks of this lab. */
  restore() {
    const read = readFragment(this.name, this.controls, location.hash);
    if (!read) return;
    if (read.error) this.note(read.error);
    else this.store.set({ ...this.store.opening, ...read.patch }, read.notes);
    this.root?.scrollIntoView?.({ block: "nearest" });
  }

  /** @param {string[]} names */
  changed(names) {
    this.form?.show(this.store.state);
    this.tools?.show(this.store.state);
    if (names.length) this.compute();
  }

  compute() {
    if (this.abort.signal.aborted) return;
    this.schedule();
    if (!this.visible) return;
    const requests = this.definition.runs(this.store.state, this.bank);
    const wanted = new Set(requests.map((request) => request.slot));
    for (const slot of Object.keys(this.runs)) if (!wanted.has(slot)) this.forget(slot);
    for (const request of requests)
      if (!this.made[request.slot] || !sameRequest(this.made[request.slot], request)) this.runner?.request(request);
    this.root?.setAttribute("data-state", this.runner?.busy ? "computing" : "ready");
  }

  /** @param {string} slot */
  forget(slot) {
    delete this.runs[slot];
    delete this.made[slot];
  }

  /** @param {import("./types").RunRequest} request @param {Trajectory} run @param {boolean} whole */
  take(request, run, whole) {
    this.runs = { ...this.runs, [request.slot]: run };
    if (whole) {
      this.made[request.slot] = request;
      this.finished += 1;
      this.tools?.source("engine", "");
      if (run.note) this.note(run.note);
    } else delete this.made[request.slot];
    this.schedule();
  }

  /** @param {Record<string, Trajectory>} runs */
  fromKernel(runs) {
    const gaps = Object.entries(runs).map(([slot, run]) => (this.runs[slot] ? difference(this.runs[slot], run) : Number.NaN));
    const most = Math.max(...gaps.filter((gap) => !Number.isNaN(gap)));
    this.runs = { ...this.runs, ...runs };
    const text = Number.isFinite(most) ? `The curves now come from JAX in the kernel; they differ from the page's engine by at most ${words(most, 2)}.` : "The curves now come from JAX in the kernel.";
    this.note(text);
    this.tools?.source("kernel", Number.isFinite(most) ? String(most) : "");
    this.schedule();
  }

  /** @param {string} slot @param {string} reason */
  failed(slot, reason) {
    this.forget(slot);
    this.note(`This run was refused: ${reason}.`.replace(/\.\.$/, "."));
    this.schedule();
  }

  idle() {
    this.busy?.hide();
    this.root?.setAttribute("data-state", "ready");
    this.root?.setAttribute("data-finished", String(this.finished));
  }

  stop() {
    this.runner?.stop();
    this.note("Stopped. What was computed so far stays; any change starts a new run.");
  }

  /** @param {boolean} visible */
  onSeen(visible) {
    this.visible = visible;
    if (visible) this.compute();
    else this.transport?.pause();
  }

  followMoment() {
    const moment = this.model.get("moment");
    if (this.transport && Math.abs(moment - this.transport.moment) > 1e-9) this.transport.moveTo(moment);
  }

  /** @returns {Frame} */
  frame() {
    const { state } = this.store;
    const times = this.definition.times(state, this.runs);
    const moment = this.transport?.moment ?? 1;
    const index = Math.max(0, Math.round(moment * (times.length - 1)));
    return { state, runs: this.runs, times, index, time: times[index] ?? 0, bank: this.bank, set: (patch) => this.store.set(patch) };
  }

  /** One drawing for each frame of the screen, however many things changed. */
  schedule() {
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      this.draw();
    });
  }

  draw() {
    const frame = this.frame();
    this.transport?.show(frame.times.length, this.definition.clock(frame.time, frame));
    for (const { definition, title, plot } of this.panels ?? []) {
      plot.resize();
      put(title, { text: definition.title(frame) });
      definition.draw(plot, frame);
      plot.done();
    }
    const text = this.definition.summary(frame);
    put(/** @type {Element} */ (this.summary), { text });
    put(/** @type {Element} */ (this.remark), { text: this.definition.remark?.(frame) ?? "" });
    this.announcer?.say(text);
    this.tools?.refresh();
    put(/** @type {Element} */ (this.root), { "data-drawn": Object.keys(this.runs).join(" "), "data-index": frame.index });
    this.saveMoment();
  }

  saveMoment() {
    const moment = Math.round((this.transport?.moment ?? 1) * 1e6) / 1e6;
    if (this.transport?.playing || this.model.get("moment") === undefined || this.model.get("moment") === moment) return;
    this.model.set("moment", moment);
    this.store.timer ??= setTimeout(() => this.store.flush(), 120);
  }

  /** @param {string} text */
  note(text) {
    if (this.notice) put(this.notice, { text });
  }

  destroy() {
    cancelAnimationFrame(this.pending);
    this.abort.abort();
    this.store.destroy();
    this.kernel?.destroy();
    this.runner?.destroy();
    if (this.onMoment) this.model.off("change:moment", this.onMoment);
    for (const { plot } of this.panels ?? []) plot.destroy();
    this.root?.remove();
  }
}
