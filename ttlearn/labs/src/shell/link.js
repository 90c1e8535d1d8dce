/** A lab's state as a URL fragment, and back. Pure. */

import { clampValue } from "./check.js";
import { exact } from "./format.js";

/** @import {Control, State} from "./types" */

/**
 * `#lab=NAME&parameter=value...` with the parameters that differ from the opening state.
 * @param {string} name
 * @param {Control[]} controls
 * @param {State} state
 * @param {State} opening
 */
export function writeFragment(name, controls, state, opening) {
  const parts = [`lab=${encodeURIComponent(name)}`];
  for (const control of controls) {
    const text = valueText(control, state[control.name]);
    if (text !== valueText(control, opening[control.name]))
      parts.push(`${control.name}=${encodeURIComponent(text)}`);
  }
  return `#${parts.join("&")}`;
}

/**
 * What a fragment says about the lab called `name`.
 *
 * `null`: it speaks of something else. `error`: it is malformed and none of it is used.
 * `notes`: what was clamped.
 * @param {string} name
 * @param {Control[]} controls
 * @param {string} fragment
 * @returns {null | {patch: State, notes: string[], error: string}}
 */
export function readFragment(name, controls, fragment) {
  const parts = fragment.replace(/^#/, "").split("&");
  const pairs = parts.map((part) => part.split("="));
  if (pairs[0][0] !== "lab" || safeDecode(pairs[0][1] ?? "") !== name) return null;
  /** @type {State} */
  const patch = {};
  /** @type {string[]} */
  const notes = [];
  for (const [key, raw] of pairs.slice(1)) {
    const control = controls.find((candidate) => candidate.name === key);
    const text = raw === undefined ? null : safeDecode(raw);
    if (!control || text === null)
      return failure(control ? `${key} has no readable value` : `this lab has no “${key.slice(0, 40)}”`);
    const { value, note, ok } = clampValue(control, text);
    if (!ok) return failure(note);
    if (note) notes.push(note);
    patch[key] = value;
  }
  return { patch, notes, error: "" };
}

/** @param {string} reason */
function failure(reason) {
  return { patch: {}, notes: [], error: `The link's settings were ignored: ${reason}.` };
}

/** @param {string} text */
function safeDecode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * @param {Control} control
 * @param {any} value
 */
function valueText(control, value) {
  if (control.kind === "numbers") return Array.from(value, exact).join(",");
  if (control.kind === "flag") return value ? "yes" : "no";
  return typeof value === "number" ? exact(value) : String(value);
}
