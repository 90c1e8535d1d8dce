/** One question on the page: commit, then see. What draws a sketch is handed in, so that other questions stay small. */

import { h, put } from "../shell/dom.js";
import { followTheme } from "../shell/page.js";
import css from "../shell/style.css";
import { judge, readNumber } from "./judge.js";
import { CHANGED, keepAnswer, loadPassport } from "./passport.js";
import questionCss from "./questions.css";

/** @import {Model} from "../shell/types" */
/** @import {Answer, Judgement, QuestionSpec} from "./types" */

/** @typedef {typeof import("./sketch.js").Sketch} SketchClass */

export class Question {
  /** @param {Model} model @param {HTMLElement} el @param {SketchClass} [Sketch] */
  constructor(model, el, Sketch) {
    this.model = model;
    this.Sketch = Sketch;
    /** @type {QuestionSpec} */
    this.spec = model.get("_question");
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.verdict = h("div", { class: "ttl-verdict", role: "status" });
    this.note = h("p", { class: "ttl-note", role: "status" });
    this.commitButton = h("button", { type: "button", class: "ttl-button", "data-do": "commit", text: "Commit, then see" });
    this.againButton = h("button", { type: "button", class: "ttl-button", "data-do": "again", text: "Try again", hidden: true });
    this.commitButton.addEventListener("click", () => this.commit(), { signal });
    this.againButton.addEventListener("click", () => this.again(), { signal });
    /** @type {{input: HTMLInputElement, label: HTMLElement, mark: HTMLElement}[]} */
    this.choices = [];
    this.fields = h("fieldset", {}, h("legend", { text: this.spec.prompt }), ...this.inputs());
    this.root = h("section", { class: "ttl-lab ttl-question", "aria-label": `Question: ${this.spec.prompt}`, "data-question": this.spec.name, "data-state": "open", "data-lm-suppress-shortcuts": "true" },
      h("style", { text: css + questionCss }), this.fields, h("div", { class: "ttl-commit" }, this.commitButton, this.againButton), this.note, this.verdict);
    el.append(this.root);
    followTheme(this.root, signal);
    this.sketch?.draw();
    this.root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && event.target === this.number) this.commit();
    }, { signal });
    addEventListener(CHANGED, () => this.restore(), { signal });
    this.restore();
  }

  /** @returns {HTMLElement[]} */
  inputs() {
    const { spec } = this;
    if (spec.kind === "number") {
      this.number = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `Your number${spec.unit ? `, in ${spec.unit}` : ""}` });
      return [h("div", { class: "ttl-answer" }, this.number, spec.unit ? h("span", { text: spec.unit }) : null)];
    }
    const type = spec.kind === "several" ? "checkbox" : "radio";
    const name = `ttl-${spec.name}-${Math.random().toString(36).slice(2)}`;
    const options = spec.options.map((option) => {
      const input = h("input", { type, name, value: option.text });
      const mark = h("span", { class: "ttl-option-mark" });
      const label = h("label", { class: "ttl-option" }, input, h("span", { text: option.text }), mark);
      this.choices.push({ input, label, mark });
      return label;
    });
    return spec.kind === "sketch" ? this.sketchInputs(options) : options;
  }

  /** @param {HTMLElement[]} options @returns {HTMLElement[]} */
  sketchInputs(options) {
    const box = h("div", { class: "ttl-box" });
    const drawn = () => this.choices.forEach(({ input }) => (input.checked = false));
    this.sketch = this.Sketch ? new this.Sketch(box, this.spec, drawn, this.abort.signal) : undefined;
    const wipe = h("button", { type: "button", class: "ttl-button", "data-do": "clear", text: "Wipe the drawing" });
    wipe.addEventListener("click", () => this.sketch?.clear(), { signal: this.abort.signal });
    return [box, wipe, h("p", { class: "ttl-remark", text: "Draw with mouse or finger, or choose what the curve does:" }), ...options];
  }

  /** @returns {Answer | string[]} the answer, or a list with one complaint under key 0 when there is none */
  read() {
    const chosen = this.choices.filter(({ input }) => input.checked).map(({ input }) => input.value);
    if (this.spec.kind === "number") return readNumber(this.number?.value ?? "");
    if (this.spec.kind === "several") return chosen;
    return chosen[0] ?? this.sketch?.answer ?? [];
  }

  commit() {
    const answer = this.read();
    const missing = typeof answer === "number" ? !Number.isFinite(answer) : answer.length === 0;
    if (missing) {
      const want = { number: "Write a number, such as 0.25 or 2e-3", choice: "Choose one option", several: "Tick at least one option", sketch: "Draw a curve, or choose a description" };
      put(this.note, { text: `${want[this.spec.kind]}, then commit.` });
      return;
    }
    put(this.note, { text: "" });
    const judgement = judge(this.spec, answer);
    this.show(answer, judgement);
    this.model.set("answer", answer);
    this.model.save_changes();
    const day = new Date().toISOString().slice(0, 10);
    keepAnswer(this.spec.name, { question: this.spec.prompt, answer, right: judgement.right, day });
    put(this.note, { text: loadPassport().note });
  }

  /** Show what the passport has, once; a try of this page's own is left alone. */
  restore() {
    const { passport } = loadPassport();
    const entry = passport.answers[this.spec.name];
    if (!entry) {
      if (this.root?.dataset.state === "kept") this.again();
    } else if (this.root?.dataset.state === "open") {
      this.fill(entry.answer);
      this.show(entry.answer, judge(this.spec, entry.answer));
    }
    if (entry && this.root) this.root.dataset.state = "kept";
  }

  /** @param {Answer} answer */
  fill(answer) {
    const chosen = new Set(Array.isArray(answer) ? answer.map(String) : [String(answer)]);
    for (const { input } of this.choices) input.checked = chosen.has(input.value);
    if (this.number) this.number.value = String(answer);
  }

  /** @param {Answer} answer @param {Judgement} judgement */
  show(answer, judgement) {
    const { right, sentences } = judgement;
    for (const [i, { input, label, mark }] of this.choices.entries()) {
      const option = this.spec.options[i];
      const speaks = option.right || input.checked;
      put(label, { "data-right": speaks ? String(option.right) : undefined });
      put(mark, { text: speaks ? (option.right ? "✓ right" : "✗ your bet") : "" });
    }
    this.sketch?.reveal(typeof answer === "object" ? /** @type {number[]} */ (answer) : null);
    this.fields.disabled = true;
    this.verdict.replaceChildren(
      h("p", { class: right ? "ttl-right" : "ttl-wrong", text: right ? "You saw it." : "A good bet to have lost:" }),
      ...sentences.map((text) => h("p", { text })),
      h("p", { text: this.spec.reveal }),
    );
    this.commitButton.hidden = true;
    this.againButton.hidden = false;
    this.root?.setAttribute("data-state", "answered");
  }

  /** Practice: the passport keeps the first answer. */
  again() {
    for (const { input, label, mark } of this.choices) {
      input.checked = false;
      put(label, { "data-right": undefined });
      put(mark, { text: "" });
    }
    if (this.number) this.number.value = "";
    this.sketch?.clear();
    this.fields.disabled = false;
    this.verdict.replaceChildren();
    this.commitButton.hidden = false;
    this.againButton.hidden = true;
    this.root?.setAttribute("data-state", "practice");
  }

  destroy() {
    this.abort.abort();
    this.root?.remove();
  }
}
