/** Presets above the picture; numbers, files, link and kernel below it. */

import { same } from "./check.js";
import { h, put } from "./dom.js";
import { pictureOf, save, toPng } from "./download.js";
import { writeFragment } from "./link.js";
import { isStaticPage } from "./page.js";
import css from "./style.css";
import { tableElement, toCsv } from "./table.js";

/** @import {Lab} from "./lab.js" */
/** @import {Preset, State} from "./types" */

/**
 * @param {Lab} lab
 * @param {AbortSignal} signal
 */
export function toolbar(lab, signal) {
  const presets = presetButtons(lab, signal);
  const numbers = numbersDetails(lab, signal);
  const kernel = action("Compute with JAX", "kernel", () => lab.kernel?.ask(), signal);
  kernel.hidden = true;
  const link = linkButton(lab, signal);
  const buttons = h("div", { class: "ttl-actions" },
    action("Reset", "reset", () => reset(lab), signal),
    action("CSV", "csv", () => saveCsv(lab), signal),
    action("SVG", "svg", () => saveSvg(lab), signal),
    action("PNG", "png", () => savePng(lab), signal),
    link.element, kernel);
  const element = h("div", { class: "ttl-tools" }, buttons, link.field, numbers.element);
  return {
    element,
    presets: presets.element,
    show: presets.show,
    refresh: numbers.refresh,
    /** @param {string} backend */
    kernelHere: (backend) => {
      kernel.hidden = false;
      kernel.title = backend;
    },
    /** Who computed what is drawn. @param {string} source @param {string} difference */
    source: (source, difference) => {
      if (lab.root) put(lab.root, { "data-source": source, "data-difference": difference || undefined });
    },
  };
}

/** @param {string} text @param {string} name @param {() => void} act @param {AbortSignal} signal */
function action(text, name, act, signal) {
  const button = h("button", { type: "button", class: "ttl-button", "data-do": name, text });
  const label = { csv: "Save the numbers as CSV", svg: "Save the picture as SVG", png: "Save the picture as PNG", reset: "Back to the opening state" }[name];
  if (label) put(button, { title: label, "aria-label": `${text}: ${label.toLowerCase()}` });
  button.addEventListener("click", act, { signal });
  return button;
}

/** @param {Lab} lab */
function reset(lab) {
  lab.store.set(lab.store.opening);
  lab.transport?.go(lab.openingMoment);
}

/** @param {Lab} lab @param {AbortSignal} signal */
function presetButtons(lab, signal) {
  /** @type {Preset[]} */
  const presets = lab.model.get("_presets") ?? [];
  const { opening, tidy } = lab.store;
  /** The states that the examples lead to. */
  const whole = presets.map(({ values }) => {
    const state = { ...opening, ...values };
    return tidy?.(state, Object.keys(values), opening).state ?? state;
  });
  const buttons = presets.map(({ label, values }) => {
    const button = h("button", { type: "button", class: "ttl-button ttl-preset", text: label, "aria-pressed": "false" });
    button.addEventListener("click", () => {
      lab.store.set({ ...lab.store.opening, ...values });
      lab.transport?.go(lab.openingMoment);
    }, { signal });
    return button;
  });
  const element = h("div", { class: "ttl-presets", role: "group", "aria-label": "Examples", hidden: presets.length === 0 }, ...buttons);
  const show = (/** @type {State} */ state) =>
    buttons.forEach((button, i) => put(button, { "aria-pressed": String(Object.keys(whole[i]).every((name) => same(whole[i][name], state[name]))) }));
  show(lab.store.state);
  return { element, show };
}

/** @param {Lab} lab @param {AbortSignal} signal */
function numbersDetails(lab, signal) {
  const body = h("div");
  const element = h("details", { class: "ttl-numbers" }, h("summary", { text: "Numbers" }), body);
  /** @type {unknown} */
  let shown = null;
  const refresh = () => {
    if (!element.open || shown === lab.runs || lab.transport?.playing) return;
    shown = lab.runs;
    body.replaceChildren(tableElement(lab.definition.table(lab.frame()), "Plotted numbers"));
  };
  element.addEventListener("toggle", refresh, { signal });
  return { element, refresh };
}

/** @param {Lab} lab @param {AbortSignal} signal */
function linkButton(lab, signal) {
  const field = h("input", { type: "text", readonly: true, class: "ttl-link", hidden: true, "aria-label": "Link to this state" });
  const copy = async () => {
    const fragment = writeFragment(lab.name, lab.controls, lab.store.state, lab.store.opening);
    history.replaceState(history.state, "", fragment);
    const address = location.href;
    try {
      await navigator.clipboard.writeText(address);
      lab.note("The link to this state was copied.");
    } catch {
      field.hidden = false;
      field.value = address;
      field.select();
      lab.note("The browser does not allow copying: the link is in the field below, ready to copy.");
    }
  };
  const element = action("Copy link", "link", copy, signal);
  element.hidden = !isStaticPage();
  return { element, field };
}

/** @param {Lab} lab */
function saveCsv(lab) {
  save(`${lab.name}.csv`, new Blob([toCsv(lab.definition.table(lab.frame()))], { type: "text/csv" }));
}

/** @param {Lab} lab */
function picture(lab) {
  return pictureOf(/** @type {HTMLElement} */ (lab.root), css, lab.summary?.textContent ?? "");
}

/** @param {Lab} lab */
function saveSvg(lab) {
  save(`${lab.name}.svg`, new Blob([picture(lab).text], { type: "image/svg+xml" }));
}

/** @param {Lab} lab */
function savePng(lab) {
  toPng(picture(lab)).then((blob) => save(`${lab.name}.png`, blob), (error) => lab.note(`No picture: ${error.message}.`));
}
