/** The reader's answers: listed, exported, imported, deleted. */

import { h, put } from "../shell/dom.js";
import { save } from "../shell/download.js";
import { followTheme } from "../shell/page.js";
import css from "../shell/style.css";
import { answerInWords, CHANGED, deletePassport, loadPassport, mergePassports, parsePassport, storePassport } from "../questions/passport.js";
import questionCss from "../questions/questions.css";

export default {
  /** @param {{el: HTMLElement}} context */
  render({ el }) {
    const abort = new AbortController();
    const { signal } = abort;
    const summary = h("p", { class: "ttl-summary" });
    const list = h("ul", { class: "ttl-passport-list" });
    const note = h("p", { class: "ttl-note", role: "status" });
    const file = h("input", { type: "file", accept: ".json,application/json", class: "ttl-hidden", tabindex: -1, "aria-label": "Passport file" });
    /** @type {(action: string, text: string, run: () => void) => HTMLButtonElement} */
    const button = (action, text, run) => {
      const element = h("button", { type: "button", class: "ttl-button", "data-do": action, text });
      element.addEventListener("click", run, { signal });
      return element;
    };
    const remove = button("delete", "Delete all answers", () => {
      if (remove.dataset.sure !== "true") {
        remove.dataset.sure = "true";
        put(remove, { text: "Really delete?" });
        return;
      }
      deletePassport();
      put(note, { text: "All answers were deleted from this browser." });
    });
    const actions = h("div", { class: "ttl-actions" },
      button("export", "Export to a file", () => save("ttlearn-passport.json", new Blob([JSON.stringify(loadPassport().passport, null, 1)], { type: "application/json" }))),
      button("import", "Import a file", () => file.click()), remove);
    const root = h("section", { class: "ttl-lab", "aria-label": "Learning passport", "data-lm-suppress-shortcuts": "true" },
      h("style", { text: css + questionCss }), summary, list, actions, file, note);
    file.addEventListener("change", async () => {
      const chosen = file.files?.[0];
      file.value = "";
      if (!chosen) return;
      try {
        const theirs = parsePassport(await chosen.text());
        storePassport(mergePassports(loadPassport().passport, theirs));
        put(note, { text: `Imported ${Object.keys(theirs.answers).length} answers.` });
      } catch (error) {
        put(note, { text: error instanceof Error ? error.message : String(error) });
      }
    }, { signal });

    const show = () => {
      const { passport, note: trouble } = loadPassport();
      const entries = Object.values(passport.answers);
      const right = entries.filter((entry) => entry.right).length;
      put(summary, { text: entries.length ? `${entries.length} answered, ${right} of them right at the first try.` : "Nothing answered yet. What you answer stays in this browser and is sent nowhere." });
      list.replaceChildren(...entries.map((entry) => h("li", { text: `${entry.question} You said: ${answerInWords(entry.answer)} (${entry.right ? "right" : "not right"}, ${entry.day})` })));
      delete remove.dataset.sure;
      put(remove, { text: "Delete all answers" });
      if (trouble) put(note, { text: trouble });
    };
    addEventListener(CHANGED, show, { signal });
    addEventListener("storage", show, { signal });
    followTheme(root, signal);
    el.append(root);
    show();
    return () => {
      abort.abort();
      root.remove();
    };
  },
};
