/** One picture of a lab under its title. */

import { h, put } from "./dom.js";
import { Plot } from "./plot.js";

/** @import {Frame, PanelDefinition} from "./types" */

export class Panel {
  /** @param {PanelDefinition} definition @param {HTMLElement} grid */
  constructor(definition, grid) {
    this.definition = definition;
    this.title = h("h3", { class: "ttl-title", role: "presentation" });
    const box = h("div", { class: "ttl-box" });
    grid.append(h("figure", { class: `ttl-panel${definition.wide ? " ttl-wide" : ""}`, "data-panel": definition.name }, this.title, box));
    this.plot = new Plot(box, definition.label, definition.height ?? 220);
  }

  /** @param {Frame} frame */
  draw(frame) {
    this.plot.resize();
    put(this.title, { text: this.definition.title(frame) });
    this.definition.draw(this.plot, frame);
    this.plot.done();
  }
}
