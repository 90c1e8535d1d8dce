// @ts-check

/**
 * Run a generator to its end and give what it returns.
 *
 * @template T
 * @param {Generator<unknown, T, unknown>} generator
 * @returns {T}
 */
export function drain(generator) {
  let next = generator.next();
  while (!next.done) next = generator.next();
  return next.value;
}
