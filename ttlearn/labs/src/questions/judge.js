/** What an answer is worth, and what to say about it. Pure. */

import { words } from "../shell/format.js";

/** @import {Answer, Judgement, QuestionSpec} from "./types" */

/** A drawing is compared with the curve at this many places. */
export const SAMPLES = 41;

/**
 * @param {QuestionSpec} spec
 * @param {Answer} answer
 * @returns {Judgement}
 */
export function judge(spec, answer) {
  if (spec.kind === "number") return judgeNumber(spec, /** @type {number} */ (answer));
  if (spec.kind === "sketch" && typeof answer !== "string") return judgeSketch(spec, /** @type {number[]} */ (answer));
  const chosen = new Set(Array.isArray(answer) ? answer : [answer]);
  const right = spec.options.every((option) => option.right === chosen.has(option.text));
  const sentences = spec.options.filter((option) => chosen.has(option.text)).map((option) => `${option.text}: ${option.feedback}`);
  const missed = spec.options.filter((option) => option.right && !chosen.has(option.text));
  for (const option of missed) sentences.push(`${spec.kind === "several" ? "Missed" : "Right would have been"}: ${option.text}. ${option.feedback}`);
  return { right, sentences };
}

/** @param {QuestionSpec} spec @param {number} answer @returns {Judgement} */
function judgeNumber(spec, answer) {
  const right = Math.abs(answer - spec.value) <= spec.tolerance;
  const near = spec.near.find(({ low, high }) => answer >= low && answer <= high);
  const unit = spec.unit ? ` ${spec.unit}` : "";
  const sentences = [`You said ${words(answer)}${unit}; it is ${words(spec.value)}${unit}.`];
  if (!right && near) sentences.push(near.feedback);
  return { right, sentences };
}

/** @param {QuestionSpec} spec @param {number[]} heights @returns {Judgement} */
function judgeSketch(spec, heights) {
  const distance = sketchDistance(spec, heights);
  const percent = Math.round(100 * distance);
  return { right: distance <= spec.close, sentences: [`Your curve is ${percent} % of the picture's height away from the true one, on average.`] };
}

/**
 * Root mean square distance of a drawing from the curve, as a fraction of the picture's height.
 * @param {QuestionSpec} spec
 * @param {number[]} heights at SAMPLES equally spaced places
 */
export function sketchDistance(spec, heights) {
  const sum = heights.reduce((total, height, i) => {
    const x = spec.x.low + ((spec.x.high - spec.x.low) * i) / (heights.length - 1);
    return total + (height - interpolate(spec.xs, spec.ys, x)) ** 2;
  }, 0);
  return Math.sqrt(sum / heights.length) / (spec.y.high - spec.y.low);
}

/** @param {number[]} xs increasing @param {number[]} ys @param {number} x */
export function interpolate(xs, ys, x) {
  let i = xs.findIndex((value) => value >= x);
  if (i === -1) return ys[ys.length - 1];
  if (i === 0) return ys[0];
  const share = (x - xs[i - 1]) / (xs[i] - xs[i - 1]);
  return ys[i - 1] + share * (ys[i] - ys[i - 1]);
}

/**
 * A stroke may skip places: fill the gaps by straight lines, the ends by the nearest point.
 * @param {(number | undefined)[]} heights
 * @returns {number[] | null} null where nothing was drawn
 */
export function fillGaps(heights) {
  /** @type {number[]} */
  const xs = [];
  /** @type {number[]} */
  const ys = [];
  for (const [i, height] of heights.entries())
    if (height !== undefined) {
      xs.push(i);
      ys.push(height);
    }
  return xs.length < 2 ? null : Array.from(heights, (_, i) => interpolate(xs, ys, i));
}

/**
 * A number as a person types it: comma or point, powers as 2e-3 or 2*10^-3.
 * @param {string} text
 * @returns {number} NaN where it is none
 */
export function readNumber(text) {
  const plain = text.trim().replace(",", ".").replace("−", "-").replace(/\s*[*·×]\s*10\s*\^?\s*/, "e").replace(/\s+/g, "");
  return plain === "" ? Number.NaN : Number(plain);
}
