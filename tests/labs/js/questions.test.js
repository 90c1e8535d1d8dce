/** The pure parts of questions: what an answer is worth, and what a passport accepts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fillGaps, interpolate, judge, readNumber, sketchDistance } from "../../../ttlearn/labs/src/questions/judge.js";
import { answerInWords, emptyPassport, mergePassports, parsePassport } from "../../../ttlearn/labs/src/questions/passport.js";

/** @param {object} parts @returns {any} */
const spec = (parts) => ({ name: "q", prompt: "?", reveal: "!", ...parts });
const options = [{ text: "a", feedback: "yes", right: true }, { text: "b", feedback: "no", right: false }, { text: "c", feedback: "also", right: true }];

test("one choice: right only when it is the right one, and wrong bets name the right one", () => {
  const one = spec({ kind: "choice", options: options.slice(0, 2) });
  assert.deepEqual(judge(one, "a"), { right: true, sentences: ["a: yes"] });
  assert.equal(judge(one, "b").right, false);
  assert.match(judge(one, "b").sentences.join(" "), /b: no.*Right would have been: a\. yes/);
});

test("several choices: all right ones and none else", () => {
  const several = spec({ kind: "several", options });
  assert.equal(judge(several, ["a", "c"]).right, true);
  assert.equal(judge(several, ["a"]).right, false);
  assert.equal(judge(several, ["a", "b", "c"]).right, false);
});

test("a number: right within the tolerance, both edges; a near miss is named", () => {
  const number = spec({ kind: "number", value: 2, tolerance: 0.5, unit: "s", near: [{ low: 3.9, high: 4.1, feedback: "factor two" }] });
  for (const value of [1.5, 2, 2.5]) assert.equal(judge(number, value).right, true);
  for (const value of [1.49, 2.51, -2]) assert.equal(judge(number, value).right, false);
  assert.match(judge(number, 4).sentences.join(" "), /factor two/);
});

test("a sketch: its distance from the curve is the root mean square over the height", () => {
  const sketch = spec({ kind: "sketch", options, x: { low: 0, high: 1 }, y: { low: 0, high: 2 }, xs: [0, 1], ys: [0, 2], close: 0.1 });
  const line = Array.from({ length: 41 }, (_, i) => (2 * i) / 40);
  assert.ok(sketchDistance(sketch, line) < 1e-12);
  assert.ok(Math.abs(sketchDistance(sketch, line.map((y) => y + 0.3)) - 0.15) < 1e-12);
  assert.equal(judge(sketch, line).right, true);
  assert.equal(judge(sketch, line.map((y) => y + 0.3)).right, false);
  assert.equal(judge(sketch, "a").right, false, "described instead of drawn: option c is right too");
});

test("gaps of a stroke are filled by straight lines", () => {
  assert.deepEqual(fillGaps([undefined, 1, undefined, 3, undefined]), [1, 1, 2, 3, 3]);
  assert.equal(fillGaps([undefined, 1]), null);
  assert.equal(interpolate([0, 2], [0, 4], 1), 2);
});

test("numbers as people type them", () => {
  for (const [text, value] of /** @type {[string, number][]} */ ([["0,25", 0.25], ["−3", -3], ["2*10^-3", 0.002], ["1e2", 100], [" 7 ", 7]])) assert.equal(readNumber(text), value);
  for (const text of ["", "two", "1.2.3"]) assert.ok(Number.isNaN(readNumber(text)), text);
});

const entry = { question: "?", answer: "a", right: true, day: "2026-01-02" };

test("a passport reads what it wrote, and refuses what is damaged or foreign", () => {
  const passport = { ...emptyPassport(), answers: { q: entry } };
  assert.deepEqual(parsePassport(JSON.stringify(passport)), passport);
  assert.throws(() => parsePassport(JSON.stringify(passport).slice(0, -5)), /damaged/);
  assert.throws(() => parsePassport('{"format":"other","answers":{}}'), /not a passport/);
  assert.throws(() => parsePassport("null"), /not a passport/);
  for (const bad of [{ ...entry, day: "yesterday" }, { ...entry, right: 1 }, { ...entry, answer: { x: 1 } }, null])
    assert.throws(() => parsePassport(JSON.stringify({ ...passport, answers: { q: bad } })), /entry “q” is damaged/);
});

test("merging keeps the earlier answer", () => {
  const later = { ...entry, answer: "b", day: "2026-03-01" };
  const ours = { ...emptyPassport(), answers: { q: later, own: entry } };
  const theirs = { ...emptyPassport(), answers: { q: entry, new: later } };
  assert.deepEqual(mergePassports(ours, theirs).answers, { q: entry, own: entry, new: later });
});

test("answers in words", () => {
  assert.equal(answerInWords(["a", "b"]), "a; b");
  assert.equal(answerInWords([0.5, 1]), "a drawing");
  assert.equal(answerInWords(3), "3");
});
