/** The passport: what was answered, kept in this browser and nowhere else. */

/** @import {Answer, Entry, PassportFile} from "./types" */

export const FORMAT = "ttlearn.passport/1";
const KEY = "ttlearn.passport";
/** Tells the other questions on the page that the passport has changed. */
export const CHANGED = "ttlearn-passport-changed";

/** @returns {PassportFile} */
export function emptyPassport() {
  return { format: FORMAT, answers: {} };
}

/**
 * A passport from a file's text.
 * @param {string} text
 * @returns {PassportFile}
 * @throws {Error} a sentence for the reader when the file is damaged or something else
 */
export function parsePassport(text) {
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Error("This file is damaged, or no passport: it cannot be read. Nothing was changed.");
  }
  if (data?.format !== FORMAT || typeof data.answers !== "object" || data.answers === null || Array.isArray(data.answers))
    throw new Error("This file is not a passport of this course. Nothing was changed.");
  for (const [name, entry] of Object.entries(data.answers))
    if (!isEntry(entry)) throw new Error(`The passport's entry “${name}” is damaged. Nothing was changed.`);
  return { format: FORMAT, answers: data.answers };
}

/** @param {any} entry */
function isEntry(entry) {
  const plain = (/** @type {unknown} */ value) => typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
  const answered = plain(entry?.answer) || (Array.isArray(entry?.answer) && entry.answer.every(plain));
  return answered && typeof entry.question === "string" && typeof entry.right === "boolean" && /^\d{4}-\d\d-\d\d$/.test(entry.day);
}

/**
 * Two passports in one. A first answer stays first: where both have one, the earlier day counts.
 * @param {PassportFile} ours @param {PassportFile} theirs
 * @returns {PassportFile}
 */
export function mergePassports(ours, theirs) {
  const answers = { ...theirs.answers, ...ours.answers };
  for (const [name, entry] of Object.entries(theirs.answers))
    if (name in ours.answers && entry.day < ours.answers[name].day) answers[name] = entry;
  return { format: FORMAT, answers };
}

/** @param {Answer} answer */
export function answerInWords(answer) {
  if (typeof answer === "string") return answer;
  if (typeof answer === "number") return String(answer);
  return answer.every((part) => typeof part === "number") ? "a drawing" : answer.join("; ");
}

/** Where a browser forbids storage, answers last as long as the page. */
let memory = "";

/** @returns {{passport: PassportFile, note: string}} */
export function loadPassport() {
  try {
    const text = localStorage.getItem(KEY) ?? "";
    return { passport: text ? parsePassport(text) : emptyPassport(), note: "" };
  } catch (error) {
    if (error instanceof Error && error.name === "Error")
      return { passport: emptyPassport(), note: "The answers kept in this browser are damaged; new ones will replace them." };
    const kept = memory ? parsePassport(memory) : emptyPassport();
    return { passport: kept, note: "This browser keeps nothing for this page: answers are forgotten when you leave." };
  }
}

/** @param {PassportFile} passport */
export function storePassport(passport) {
  memory = JSON.stringify(passport);
  try {
    localStorage.setItem(KEY, memory);
  } catch {
    // Forbidden or full: `memory` has it, and loadPassport says so.
  }
  dispatchEvent(new Event(CHANGED));
}

export function deletePassport() {
  memory = "";
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
  dispatchEvent(new Event(CHANGED));
}

/**
 * Keep the first answer to a question; later ones are practice.
 * @param {string} name @param {Entry} entry
 */
export function keepAnswer(name, entry) {
  const { passport } = loadPassport();
  if (name in passport.answers) return;
  storePassport({ ...passport, answers: { ...passport.answers, [name]: entry } });
}
