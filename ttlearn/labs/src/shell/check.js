/** The front door for values: clamp a number, refuse what is none, and say so. Pure. */

import { words } from "./format.js";

/** @import {Control, State} from "./types" */
/** @typedef {{value: any, note: string, ok: boolean}} Checked */

/**
 * A value, or its text, brought into the control's range.
 *
 * `ok` is false where nothing usable was found: then `note` says why and `value` is undefined.
 * @param {Control} control
 * @param {any} given
 * @returns {Checked}
 */
export function clampValue(control, given) {
  if (control.kind === "choice") return oneOf(control, given);
  if (control.kind === "flag") return yesOrNo(control, given);
  if (control.kind === "numbers") return several(control, given);
  return one(control, given, control.label);
}

/**
 * @param {Control} control
 * @param {any} given
 * @param {string} label
 * @returns {Checked}
 */
function one(control, given, label) {
  const number = typeof given === "string" ? readNumber(given) : given;
  if (typeof number !== "number" || !Number.isFinite(number))
    return refuse(`${label}: “${clip(given)}” is not a number; ${range(control)} is needed`);
  const whole = control.kind === "integer" ? Math.round(number) : number;
  const inside = Math.min(control.high, Math.max(control.low, whole));
  const value = nearest(control.stops, inside);
  const outside = `${label} was set to ${words(value)}: ${words(number)} is outside ${range(control)}`;
  const between = `${label} was set to ${words(value)}, the nearest there is to ${words(number)}`;
  // Whoever types the number that is read on the page means that one.
  const note = inside !== whole ? outside : words(value) !== words(number) ? between : "";
  return { value, note, ok: true };
}

/**
 * The stop that is nearest; the number itself where there are none.
 * @param {number[]} stops
 * @param {number} number
 */
export function nearest(stops, number) {
  return stops.reduce((best, stop) => (Math.abs(stop - number) < Math.abs(best - number) ? stop : best), stops[0] ?? number);
}

/**
 * @param {Control} control
 * @param {any} given
 * @returns {Checked}
 */
function several(control, given) {
  const parts = typeof given === "string" ? given.split(/[\s,;]+/).filter(Boolean) : Array.from(given ?? []);
  if (parts.length < control.least || parts.length > control.most)
    return refuse(`${control.label}: ${parts.length} values found; ${control.least} to ${control.most} are needed`);
  /** @type {number[]} */
  const values = [];
  let note = "";
  for (const part of parts) {
    const checked = one(control, part, control.label);
    if (!checked.ok) return checked;
    note ||= checked.note;
    values.push(checked.value);
  }
  if (control.increasing) values.sort((a, b) => a - b);
  if (control.increasing && values.some((value, i) => i > 0 && value === values[i - 1]))
    return refuse(`${control.label}: a value occurs twice; they must differ`);
  return { value: values, note, ok: true };
}

/**
 * @param {Control} control
 * @param {any} given
 * @returns {Checked}
 */
function oneOf(control, given) {
  const found = control.choices.find((choice) => choice.value === String(given));
  if (found) return { value: found.value, note: "", ok: true };
  const allowed = control.choices.map((choice) => choice.value).join(", ");
  return refuse(`${control.label}: “${clip(given)}” is none of ${allowed}`);
}

/**
 * @param {Control} control
 * @param {any} given
 * @returns {Checked}
 */
function yesOrNo(control, given) {
  if (given === true || given === "yes") return { value: true, note: "", ok: true };
  if (given === false || given === "no") return { value: false, note: "", ok: true };
  return refuse(`${control.label}: “${clip(given)}” is neither yes nor no`);
}

/** @param {string} text */
export function readNumber(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(/^([+-]?[\d.]+),(\d+)$/, "$1.$2");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
}

/** @param {Control} control */
export function range(control) {
  const kind = control.kind === "integer" ? "a whole number" : "a number";
  return `${kind} from ${words(control.low)} to ${words(control.high)}`;
}

/** @param {string} note @returns {Checked} */
function refuse(note) {
  return { value: undefined, note, ok: false };
}

/** @param {any} given */
function clip(given) {
  const text = String(given);
  return text.length > 30 ? `${text.slice(0, 30)}…` : text;
}

/**
 * @param {any} a
 * @param {any} b
 */
export function same(a, b) {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/**
 * Is a control of use in this state?
 * @param {Control} control
 * @param {State} state
 */
export function relevant(control, state) {
  return Object.entries(control.only).every(([name, values]) => values.includes(state[name]));
}
