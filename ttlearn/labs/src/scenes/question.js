/** A question with options or a number. */

import { Question } from "../questions/question.js";

/** @import {Model} from "../shell/types" */

export default {
  /** @param {{model: Model, el: HTMLElement}} context */
  render({ model, el }) {
    const question = new Question(model, el);
    return () => question.destroy();
  },
};
