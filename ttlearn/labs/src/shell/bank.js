/** Reads what Python packed (ttlearn.labs.bank): a header and arrays, quantised, differenced, compressed. */

import { inflateZlib } from "./inflate.js";

/** @import {Bank} from "./types" */

/**
 * @param {DataView | ArrayBuffer | Uint8Array | null | undefined} packed
 * @returns {Promise<Bank | null>} null where nothing is packed
 */
export async function unpack(packed) {
  const bytes = asBytes(packed);
  if (bytes.length === 0) return null;
  try {
    return read(await inflate(bytes));
  } catch {
    throw new Error("The stored results are damaged");
  }
}

/** @param {Uint8Array} plain @returns {Bank} */
function read(plain) {
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const size = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(plain.subarray(4, 4 + size)));
  /** @type {Bank["arrays"]} */
  const arrays = {};
  let at = 4 + size;
  for (const entry of header.arrays) {
    const count = entry.shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    const length = entry.kind === "float64" ? 8 * count : 2 * count;
    arrays[entry.name] = { data: decode(plain.subarray(at, at + length), entry, count), shape: entry.shape };
    at += length;
  }
  return { header: header.meta, arrays };
}

/** Has the browser a DecompressionStream? Without, the page unpacks by itself. */
export function canInflate() {
  return typeof DecompressionStream !== "undefined";
}

/** @param {any} packed */
function asBytes(packed) {
  if (!packed) return new Uint8Array(0);
  if (packed instanceof ArrayBuffer) return new Uint8Array(packed);
  return new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
}

/** @param {Uint8Array} bytes */
async function inflate(bytes) {
  if (!canInflate()) return inflateZlib(bytes);
  const stream = new Blob([/** @type {any} */ (bytes)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * float64: as they are. uint16: low bytes, then high bytes, of differences along the first axis.
 * @param {Uint8Array} bytes
 * @param {{kind: string, shape: number[], low: number, high: number}} entry
 * @param {number} count
 */
export function decode(bytes, { kind, shape, low, high }, count) {
  if (kind === "float64") return new Float64Array(bytes.slice().buffer);
  const data = new Float64Array(count);
  const row = shape.length > 1 ? count / shape[0] : 1;
  const levels = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const step = bytes[i] | (bytes[count + i] << 8);
    levels[i] = step + (i >= row ? levels[i - row] : 0); // wraps at 2^16 as it did when it was packed
    data[i] = low + ((high - low) * levels[i]) / 65535;
  }
  return data;
}
