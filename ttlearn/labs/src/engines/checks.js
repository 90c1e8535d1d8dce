// @ts-check
/** The second door: every error says what was found, what is allowed and what to do. */

/**
 * @param {string} name
 * @param {unknown} found
 * @param {string} allowed
 * @returns {never}
 */
export function refuse(name, found, allowed) {
  const shown = Array.isArray(found) || ArrayBuffer.isView(found) ? `[${found}]` : `${found}`;
  const short = shown.length > 80 ? `${shown.slice(0, 77)}...` : shown;
  throw new RangeError(`${name} is ${short}; give ${allowed}`);
}

/**
 * A finite number between two limits, both allowed.
 *
 * @param {string} name
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 * @returns {number}
 */
export function number_in(name, value, least, most) {
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    refuse(name, value, `a number from ${least} to ${most}`);
  }
  return value;
}

/**
 * A positive finite number.
 *
 * @param {string} name
 * @param {unknown} value
 * @returns {number}
 */
export function positive(name, value) {
  if (typeof value !== "number" || !(value > 0) || value === Infinity) {
    refuse(name, value, "a positive number");
  }
  return value;
}

/**
 * A whole number between two limits, both allowed.
 *
 * @param {string} name
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 * @returns {number}
 */
export function whole_in(name, value, least, most) {
  if (!Number.isInteger(value)) refuse(name, value, `a whole number from ${least} to ${most}`);
  return number_in(name, value, least, most);
}

/**
 * Finite numbers, copied to double precision.
 *
 * @param {string} name
 * @param {unknown} values
 * @param {number} [length] how many there must be
 * @returns {Float64Array}
 */
export function finite_array(name, values, length) {
  const list = /** @type {ArrayLike<number>} */ (values);
  if (!Array.isArray(values) && !ArrayBuffer.isView(values)) {
    refuse(name, values, "an array of numbers");
  }
  if (length !== undefined && list.length !== length) {
    refuse(name, values, `${length} numbers, not ${list.length}`);
  }
  const copy = Float64Array.from(list);
  if (!copy.every(Number.isFinite)) refuse(name, values, "finite numbers only");
  return copy;
}

/**
 * Times to save at: increasing, the first is 0, at least one.
 *
 * @param {string} name
 * @param {unknown} values
 * @returns {Float64Array}
 */
export function times_from_zero(name, values) {
  const times = finite_array(name, values);
  if (times.length === 0 || times[0] !== 0) refuse(name, values, "times that start at 0");
  for (let k = 1; k < times.length; k++) {
    if (!(times[k] > times[k - 1])) refuse(name, values, "increasing times");
  }
  return times;
}

/**
 * Jumps and levels of a piecewise-constant target on [0, 1].
 *
 * @param {unknown} jumps inside (0, 1), increasing
 * @param {unknown} values one more than jumps; neighbours may be equal
 * @returns {{jumps: Float64Array, values: Float64Array}}
 */
export function target(jumps, values) {
  const places = finite_array("jumps", jumps);
  const levels = finite_array("values", values, places.length + 1);
  for (let i = 0; i < places.length; i++) {
    const before = i === 0 ? 0 : places[i - 1];
    if (!(places[i] > before && places[i] < 1)) {
      refuse("jumps", jumps, "increasing places inside (0, 1)");
    }
  }
  return { jumps: places, values: levels };
}

/**
 * One of a few words.
 *
 * @template {string} T
 * @param {string} name
 * @param {unknown} value
 * @param {readonly T[]} allowed
 * @returns {T}
 */
export function one_of(name, value, allowed) {
  const found = allowed.find((word) => word === value);
  if (found === undefined) refuse(name, value, `one of ${allowed.join(", ")}`);
  return /** @type {T} */ (found);
}
