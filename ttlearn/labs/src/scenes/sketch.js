/** A question answered by drawing. */

import { Question } from "../questions/question.js";
import { Sketch } from "../questions/sketch.js";

/** @import {Model} from "../shell/types" */

export default {
  /** @param {{model: Model, el: HTMLElement}} context */
  render({ model, el }) {
    const question = new Question(model, el, Sketch);
    return () => question.destroy();
  },
};
