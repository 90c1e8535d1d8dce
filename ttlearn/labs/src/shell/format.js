/** Numbers as text. */

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * A number for a sentence: `digits` significant digits, no trailing zeros, powers of ten written out.
 * @param {number} value
 * @param {number} [digits]
 */
export function words(value, digits = 3) {
  if (Number.isNaN(value)) return "no number";
  if (!Number.isFinite(value)) return value > 0 ? "infinity" : "minus infinity";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) return trim(Number(value.toPrecision(digits)).toString());
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const power = superscript(Number(exponent));
  const front = trim(mantissa);
  if (front === "1") return `10${power}`;
  if (front === "-1") return `−10${power}`;
  return `${front}×10${power}`;
}

/** @param {string} text */
function trim(text) {
  const shown = text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
  return shown.replace("-", "−");
}

/** @param {number} exponent */
function superscript(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPT[Number(digit)]).join("");
  return (exponent < 0 ? "⁻" : "") + digits;
}

/**
 * A number for a field or a file: short, and read back as the same number.
 * @param {number} value
 */
export function exact(value) {
  return Object.is(value, -0) ? "0" : String(value);
}

/**
 * A field's text: at most nine significant digits, so that 0.1 + 0.2 reads 0.3.
 * @param {number} value
 */
export function short(value) {
  return exact(Number(value.toPrecision(9)));
}

/**
 * "0.2", "0.2 and 0.5", "0.2, 0.5 and 0.8".
 * @param {string[]} parts
 */
export function list(parts) {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`;
}
