/** The plotted numbers: a table on demand, and CSV. */

import { h } from "./dom.js";
import { exact, words } from "./format.js";

/** @import {TableData} from "./types" */

const SHOWN = 100; // rows on the page; the file holds all

/** @param {TableData} table @returns {string} */
export function toCsv({ columns, rows }) {
  return [columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** @param {number | string} value */
function cell(value) {
  if (typeof value === "number") return Number.isFinite(value) ? exact(value) : "";
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/**
 * The rows shown: first and last always, the rest thinned.
 * @template T
 * @param {T[]} rows
 */
export function thin(rows, most = SHOWN) {
  if (rows.length <= most) return rows;
  const chosen = Array.from({ length: most }, (_, i) => Math.round((i * (rows.length - 1)) / (most - 1)));
  return chosen.map((i) => rows[i]);
}

/** @param {TableData} table @param {string} label */
export function tableElement({ columns, rows }, label) {
  const head = h("thead", {}, h("tr", {}, ...columns.map((text) => h("th", { scope: "col", text }))));
  const shown = thin(rows);
  const body = shown.map((row) => h("tr", {}, ...row.map((value) => h("td", { text: typeof value === "number" ? words(value, 6) : value }))));
  const note = shown.length < rows.length ? `, ${shown.length} of ${rows.length} rows (the CSV file has them all)` : "";
  const caption = h("caption", { text: label + note });
  return h("div", { class: "ttl-scroll", tabindex: 0, role: "group", "aria-label": label }, h("table", { class: "ttl-table" }, caption, head, h("tbody", {}, ...body)));
}
