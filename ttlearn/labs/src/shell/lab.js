/** The shell every lab shares: puts parameters, engines, panels and words together and takes them apart again. */

import { Announcer } from "./announce.js";
import { canInflate, unpack } from "./bank.js";
import { Busy } from "./busy.js";
import { controlPanel } from "./controls.js";
import { h, put } from "./dom.js";
import { Kernel, comparison } from "./kernel.js";
import { readFragment } from "./link.js";
import { followTheme, isStaticPage, onResize, onSight } from "./page.js";
import { NO_INFLATE, NO_WORKER, NOWHERE, runNotes, stillLab } from "./limits.js";
import { Panel } from "./panel.js";
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
    this.openingMoment = model.get("moment") ?? 1;
    this.pending = 0;
    this.visible = false;
    this.finished = 0;
    this.over = false;
    /** Sentences on what this browser cannot do. @type {string[]} */
    this.limits = [];
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
    this.standing = h("p", { class: "ttl-note", role: "status" });
    this.busy = new Busy(() => this.stop(), () => this.forgetOld(), signal);
    this.grid = h("div", { class: "ttl-panels" });
    this.panels = this.definition.panels.map((panel) => new Panel(panel, /** @type {HTMLElement} */ (this.grid)));
    this.tools = toolbar(this, signal);
    this.root = h("div", { class: "ttl-lab", role: "group", "aria-label": this.model.get("title") || "Lab", "data-lab": this.name, "data-state": "waiting", "data-lm-suppress-shortcuts": "true" },
      h("style", { text: css }), this.tools.presets, this.summary, this.remark, this.grid, this.transport.element,
      this.busy.element, this.notice, this.standing, this.form.element, this.tools.element, this.announcer.element);
    Object.assign(this.root, { lab: this }); // for the console and the tests
    el.append(this.root);
    followTheme(this.root, signal);
    // Keys are the lab's own: a notebook must not take an arrow for "next cell".
    this.root.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
  }

  start() {
    const { signal } = this.abort;
    try {
      this.runner = this.definition.worker ? this.makeRunner() : null;
    } catch {
      this.dead();
      if (this.over) return;
    }
    if (this.runner?.inPage) this.limits.push(NO_WORKER);
    const heard = { here: (/** @type {string} */ backend) => this.tools?.kernelHere(backend), note: (/** @type {string} */ text) => this.note(text) };
    this.kernel = new Kernel(this.model, { ...heard, trajectories: (runs) => this.fromKernel(runs) });
    this.onMoment = () => this.followMoment();
    this.model.on("change:moment", this.onMoment);
    onResize(/** @type {HTMLElement} */ (this.grid), () => this.schedule(), signal);
    onSight(/** @type {HTMLElement} */ (this.root), (visible) => this.onSeen(visible), signal);
    if (isStaticPage()) {
      addEventListener("hashchange", () => this.restore(), { signal });
      this.restore();
    }
    this.form?.show(this.store.state);
    this.readBank();
  }

  makeRunner() {
    return new Runner(this.definition.worker, {
      done: (/** @type {any} */ request, /** @type {Trajectory} */ run) => this.take(request, run, true),
      partial: (/** @type {any} */ request, /** @type {Trajectory} */ run) => this.take(request, run, false),
      progress: (/** @type {number} */ value) => this.busy?.show(value),
      failed: (/** @type {string} */ slot, /** @type {string} */ reason) => this.failed(slot, reason),
      moved: () => this.limit(NO_WORKER),
      dead: () => this.dead(),
      idle: () => this.idle(),
    });
  }

  readBank() {
    const packed = this.model.get("_bank");
    if (!packed || packed.byteLength === 0) return this.compute();
    if (!canInflate()) this.limits.push(NO_INFLATE);
    const keep = (/** @type {Bank | null} */ bank) => void (this.bank = bank);
    unpack(packed).then(keep, (error) => this.limit(`${error.message}.`)).then(() => this.compute());
  }

  /** @param {string} text said from now on */
  limit(text) {
    this.limits.push(text);
    this.schedule();
  }

  /** The engines run nowhere: in a notebook the kernel is left, on a page its picture of this lab. */
  dead() {
    this.runner = null;
    this.idle();
    this.limit(NOWHERE);
    if (!isStaticPage()) return;
    const place = this.root?.parentElement;
    this.destroy();
    this.abort = new AbortController();
    this.root = stillLab(this.name, this.model.get("title"), css);
    place?.append(this.root);
    followTheme(this.root, this.abort.signal);
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
    if (!names.length) return;
    this.kernel?.forget();
    this.compute();
  }

  compute() {
    if (this.over) return;
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

  /** What was made for other parameters is no picture of a run that takes its time. */
  forgetOld() {
    for (const slot of this.runner?.flying.keys() ?? []) if (this.made[slot]) this.forget(slot);
    this.schedule();
  }

  /** @param {import("./types").RunRequest} request @param {Trajectory} run @param {boolean} whole */
  take(request, run, whole) {
    this.runs = { ...this.runs, [request.slot]: run };
    if (whole) {
      this.made[request.slot] = request;
      this.finished += 1;
      this.tools?.source("engine", "");
    } else delete this.made[request.slot];
    this.schedule();
  }

  /** @param {Record<string, Trajectory>} runs */
  fromKernel(runs) {
    const { text, most } = comparison(this.runs, runs);
    this.runs = { ...this.runs, ...runs };
    this.note(text);
    this.tools?.source("kernel", most);
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
    return { state, runs: this.runs, times, index, time: times[index] ?? 0, bank: this.bank, set: (patch) => this.store.set(patch), redraw: () => this.schedule() };
  }

  /** One drawing for each frame of the screen, however many things changed. */
  schedule() {
    if (this.over) return;
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      this.draw();
    });
  }

  draw() {
    const frame = this.frame();
    this.transport?.show(frame.times.length, this.definition.clock(frame.time, frame));
    for (const panel of this.panels ?? []) panel.draw(frame);
    const text = this.definition.summary(frame);
    put(/** @type {Element} */ (this.summary), { text });
    put(/** @type {Element} */ (this.remark), { text: this.definition.remark?.(frame) ?? "" });
    put(/** @type {Element} */ (this.standing), { text: [...this.limits, ...runNotes(this.definition, frame)].join(" ") });
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
    this.over = true;
    cancelAnimationFrame(this.pending);
    this.abort.abort();
    this.store.destroy();
    this.kernel?.destroy();
    this.runner?.destroy();
    this.runner = null;
    if (this.onMoment) this.model.off("change:moment", this.onMoment);
    for (const { plot } of this.panels ?? []) plot.destroy();
    this.root?.remove();
  }
}
