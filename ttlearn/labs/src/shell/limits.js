/** What the reader is told for as long as it holds: what the browser lacks, and how a run ended. */

import { h } from "./dom.js";

/** @import {Frame, LabDefinition} from "./types" */

export const NO_WORKER = "This browser starts no Web Worker: the lab computes on the page itself and may stutter.";
export const NO_INFLATE = "This browser has no DecompressionStream: the page unpacked the stored results by itself.";
export const NOWHERE = "This browser lets the lab compute nothing: it starts no Web Worker and runs no code in its place.";

/**
 * What the runs on the screen say of themselves ("Diverged at step 12"), by name where there are several.
 * @param {LabDefinition} definition
 * @param {Frame} frame
 */
export function runNotes(definition, { runs, state }) {
  return Object.entries(runs).filter(([, run]) => run.note).map(([slot, { note }]) => {
    const name = definition.slotName?.(slot, state);
    return name ? `${name}: ${note[0].toLowerCase()}${note.slice(1)}` : note;
  });
}

/**
 * A lab that can compute nothing: a sentence. A page of the book shows its picture of the lab below it.
 * @param {string} name
 * @param {string} title
 * @param {string} css
 */
export function stillLab(name, title, css) {
  const sentence = h("p", { class: "ttl-note", role: "status", text: NOWHERE });
  return h("div", { class: "ttl-lab", role: "group", "aria-label": title || "Lab", "data-lab": name, "data-state": "still" }, h("style", { text: css }), sentence);
}
