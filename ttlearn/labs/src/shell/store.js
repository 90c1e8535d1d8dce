/** A lab's parameters: checked on the way in, mirrored in the widget's model. */

import { clampValue, same } from "./check.js";

/** @import {Control, LabDefinition, Model, State} from "./types" */

const SAVE_DELAY = 120; // ms: a drag sends the kernel a few messages a second, not sixty

export class Store {
  /**
   * @param {Model} model
   * @param {Control[]} controls
   * @param {LabDefinition["tidy"]} tidy
   * @param {{changed: (names: string[]) => void, note: (text: string) => void}} listeners
   */
  constructor(model, controls, tidy, listeners) {
    this.model = model;
    this.controls = controls;
    this.tidy = tidy;
    this.listeners = listeners;
    /** @type {State} */
    this.state = {};
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.writing = false;
    /** @type {[string, () => void][]} */
    this.bindings = controls.map(({ name }) => [`change:${name}`, () => this.pull()]);
    for (const control of controls) this.state[control.name] = model.get(control.name);
    for (const [event, callback] of this.bindings) model.on(event, callback);
    /** The state that reset returns to. @type {State} */
    this.opening = { ...this.state };
  }

  /**
   * Take new values; clamp or refuse what is out of range, with a visible note.
   * @param {State} patch
   * @param {string[]} [notes] notes made earlier, shown with this change
   */
  set(patch, notes = []) {
    const before = this.state;
    let next = { ...before };
    for (const [name, given] of Object.entries(patch)) {
      const control = this.controls.find((candidate) => candidate.name === name);
      if (!control) continue;
      const checked = clampValue(control, given);
      if (checked.note) notes.push(checked.note);
      if (checked.ok) next[name] = checked.value;
    }
    const named = Object.keys(patch).filter((name) => !same(before[name], next[name]));
    if (this.tidy) {
      const tidied = this.tidy(next, named, before);
      next = tidied.state;
      if (tidied.note) notes.push(tidied.note);
    }
    this.commit(next, notes);
  }

  /** @param {State} next @param {string[]} notes */
  commit(next, notes) {
    const changed = Object.keys(next).filter((name) => !same(this.state[name], next[name]));
    this.state = next;
    this.writing = true;
    for (const { name } of this.controls)
      if (!same(this.model.get(name), next[name])) {
        this.model.set(name, next[name]);
        this.timer ??= setTimeout(() => this.flush(), SAVE_DELAY);
      }
    this.writing = false;
    this.listeners.note(notes.map((note) => (/[.!?]$/.test(note) ? note : `${note}.`)).join(" "));
    this.listeners.changed(changed); // also when nothing did: a refused text leaves its field
  }

  /** The model changed from outside: the kernel, jslink, another view. All of it in one step. */
  pull() {
    if (this.writing) return;
    /** @type {State} */
    const patch = {};
    for (const { name } of this.controls) {
      const value = this.model.get(name);
      if (!same(value, this.state[name])) patch[name] = value;
    }
    if (Object.keys(patch).length) this.set(patch);
  }

  /** Send what changed to the kernel, where there is one. */
  flush() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.model.save_changes();
  }

  destroy() {
    if (this.timer !== undefined) this.flush();
    for (const [event, callback] of this.bindings) this.model.off(event, callback);
  }
}
