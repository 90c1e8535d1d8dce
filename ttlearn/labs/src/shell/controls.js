/** Native inputs for the parameters: a range with a number field, a choice, a tick box, a list of numbers. */

import { nearest, range, readNumber, relevant } from "./check.js";
import { h, put } from "./dom.js";
import { short, words } from "./format.js";

/** @import {Control, State} from "./types" */
/** @typedef {(patch: State) => void} Setter */
/** @typedef {{element: HTMLElement, show: (state: State) => void}} Field */

const NOTCHES = 400; // at most so many positions of a logarithmic range

/**
 * The form of a lab. Groups are `details`: the first is open.
 * @param {Control[]} controls
 * @param {Setter} set
 * @param {AbortSignal} signal
 * @returns {Field}
 */
export function controlPanel(controls, set, signal) {
  /** @type {Map<string, HTMLElement>} */
  const groups = new Map();
  const element = h("div", { class: "ttl-controls" });
  const fields = controls.filter((control) => !control.hidden).map((control) => ({ control, field: makeField(control, set, signal) }));
  for (const { control, field } of fields) {
    if (!groups.has(control.group)) {
      const body = h("div", { class: "ttl-fields" });
      const summary = h("summary", { text: control.group || "Settings" });
      element.append(h("details", { class: "ttl-group", open: groups.size === 0 }, summary, body));
      groups.set(control.group, body);
    }
    groups.get(control.group)?.append(field.element);
  }
  const show = (/** @type {State} */ state) => {
    for (const { control, field } of fields) {
      field.element.hidden = !relevant(control, state);
      field.show(state);
    }
  };
  return { element, show };
}

/** @param {Control} control @param {Setter} set @param {AbortSignal} signal @returns {Field} */
function makeField(control, set, signal) {
  if (control.kind === "choice") return choiceField(control, set, signal);
  if (control.kind === "flag") return flagField(control, set, signal);
  if (control.kind === "numbers") return listField(control, set, signal);
  return numberField(control, set, signal);
}

/** @param {Control} control */
function name(control) {
  return control.unit ? `${control.label} (${control.unit})` : control.label;
}

/** @param {Control} control @param {Setter} set @param {AbortSignal} signal @returns {Field} */
function numberField(control, set, signal) {
  const scale = notches(control);
  const slider = h("input", { type: "range", min: scale.min, max: scale.max, step: scale.step, "aria-label": name(control), "data-name": control.name });
  const field = textInput(control, `${name(control)}, as a number`);
  slider.addEventListener("input", () => set({ [control.name]: scale.value(Number(slider.value)) }), { signal });
  commitOn(field, (text) => set({ [control.name]: text }), signal);
  arrowSteps(control, field, set, signal);
  const title = h("span", { class: "ttl-name", text: name(control), title: control.help });
  const element = h("div", { class: "ttl-field", "data-field": control.name }, title, slider, field);
  const show = (/** @type {State} */ state) => {
    const value = state[control.name];
    slider.value = String(scale.notch(value));
    put(slider, { "aria-valuetext": words(value) });
    if (field !== document.activeElement || field.dataset.kept !== "yes") field.value = short(value);
  };
  return { element, show };
}

/** @param {Control} control */
function notches({ low, high, log, step, kind, stops }) {
  if (stops.length) return { min: 0, max: stops.length - 1, step: 1, value: (/** @type {number} */ at) => stops[Math.min(stops.length - 1, Math.max(0, at))], notch: (/** @type {number} */ value) => stops.indexOf(nearest(stops, value)) };
  if (!log) return { min: low, max: high, step: kind === "integer" ? Math.max(1, step) : step, value: (/** @type {number} */ at) => at, notch: (/** @type {number} */ value) => value };
  const values = logValues(low, high, kind === "integer");
  const last = values.length - 1;
  return {
    min: 0,
    max: last,
    step: 1,
    value: (/** @type {number} */ at) => values[Math.min(last, Math.max(0, Math.round(at)))],
    notch: (/** @type {number} */ value) => notchOf(values, value),
  };
}

/**
 * Equal ratios from low to high, rounded to three digits; whole numbers once each, so that every notch moves.
 * @param {number} low @param {number} high @param {boolean} whole
 */
export function logValues(low, high, whole) {
  const width = Math.log(high / low) / NOTCHES;
  const all = Array.from({ length: NOTCHES + 1 }, (_, i) => {
    const value = i === 0 ? low : i === NOTCHES ? high : Number((low * Math.exp(i * width)).toPrecision(3));
    return whole ? Math.round(value) : value;
  });
  return all.filter((value, i) => i === 0 || value > all[i - 1]);
}

/** Index of the one of increasing `values` that is nearest, by ratio. @param {number[]} values @param {number} value */
export function notchOf(values, value) {
  const above = values.findIndex((other) => other >= value);
  if (above === -1) return values.length - 1;
  return above > 0 && value * value < values[above - 1] * values[above] ? above - 1 : above;
}

/** @param {Control} control @param {string} label */
function textInput(control, label) {
  const list = control.kind === "numbers";
  return h("input", { type: "text", inputmode: list ? "text" : "decimal", autocomplete: "off", spellcheck: "false", class: list ? "ttl-list" : "ttl-number", "aria-label": label, "data-name": control.name, title: list ? control.help : range(control) });
}

/**
 * Take the text over when the field is left or Enter is pressed; Escape takes it back.
 * @param {HTMLInputElement} field
 * @param {(text: string) => void} commit
 * @param {AbortSignal} signal
 */
function commitOn(field, commit, signal) {
  field.addEventListener("input", () => { field.dataset.kept = "yes"; }, { signal });
  field.addEventListener("change", () => {
    field.dataset.kept = "";
    commit(field.value);
  }, { signal });
  field.addEventListener("blur", () => { field.dataset.kept = ""; }, { signal });
}

/** Up and Down in a number field. @param {Control} control @param {HTMLInputElement} field @param {Setter} set @param {AbortSignal} signal */
function arrowSteps(control, field, set, signal) {
  const scale = notches(control);
  field.addEventListener("keydown", (event) => {
    const by = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    const now = readNumber(field.value);
    if (!by || !Number.isFinite(now)) return;
    event.preventDefault();
    field.dataset.kept = "";
    const inside = Math.min(control.high, Math.max(control.low, now));
    const notch = scale.notch(inside);
    const next = control.stops.length ? scale.value(notch + by) : control.log ? scale.value(notch + 4 * by) : inside + by * Number(scale.step);
    set({ [control.name]: Math.min(control.high, Math.max(control.low, Number(next.toPrecision(12)))) });
  }, { signal });
}

/** @param {Control} control @param {Setter} set @param {AbortSignal} signal @returns {Field} */
function listField(control, set, signal) {
  const field = textInput(control, name(control));
  commitOn(field, (text) => set({ [control.name]: text }), signal);
  const title = h("span", { class: "ttl-name", text: name(control), title: control.help });
  const element = h("div", { class: "ttl-field ttl-field-list", "data-field": control.name }, title, field);
  const show = (/** @type {State} */ state) => {
    if (field.dataset.kept !== "yes") field.value = Array.from(state[control.name], (value) => short(Number(value.toPrecision(5)))).join(", ");
  };
  return { element, show };
}

/** @param {Control} control @param {Setter} set @param {AbortSignal} signal @returns {Field} */
function choiceField(control, set, signal) {
  const select = h("select", { "aria-label": name(control), "data-name": control.name }, ...control.choices.map(({ value, label }) => h("option", { value, text: label })));
  select.addEventListener("change", () => set({ [control.name]: select.value }), { signal });
  const title = h("span", { class: "ttl-name", text: name(control), title: control.help });
  const element = h("div", { class: "ttl-field ttl-field-choice", "data-field": control.name }, title, select);
  return { element, show: (state) => { select.value = String(state[control.name]); } };
}

/** @param {Control} control @param {Setter} set @param {AbortSignal} signal @returns {Field} */
function flagField(control, set, signal) {
  const box = h("input", { type: "checkbox", "data-name": control.name });
  box.addEventListener("change", () => set({ [control.name]: box.checked }), { signal });
  const label = h("label", { class: "ttl-flag", title: control.help }, box, name(control));
  const element = h("div", { class: "ttl-field ttl-field-flag", "data-field": control.name }, label);
  return { element, show: (state) => { box.checked = Boolean(state[control.name]); } };
}
