// @ts-check
/**
 * Random numbers that NumPy draws too: MT19937, seeded and read as `numpy.random.RandomState(seed)`.
 * One stream on both sides lets a run in the browser be compared with the same run in JAX.
 */

const SIZE = 624;
const SHIFT = 397;

/**
 * Refill the 624 words of the generator's state.
 *
 * @param {Int32Array} words
 */
function refill(words) {
  for (let k = 0; k < SIZE; k++) {
    const y = (words[k] & 0x80000000) | (words[k + 1 < SIZE ? k + 1 : 0] & 0x7fffffff);
    const partner = k + SHIFT < SIZE ? k + SHIFT : k + SHIFT - SIZE;
    words[k] = words[partner] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}

/**
 * A source of random numbers.
 *
 * @typedef {object} Source
 * @property {() => number} random on [0, 1), as `RandomState.random_sample()`
 * @property {() => number} normal standard normal, as `RandomState.standard_normal()`
 */

/**
 * Standard normal numbers from uniform ones, two at a time (Marsaglia's polar method).
 *
 * @param {() => number} random
 * @returns {() => number}
 */
function normals(random) {
  /** @type {number | null} */
  let spare = null;
  return () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    let x = 0;
    let y = 0;
    let square = 0;
    do {
      x = 2 * random() - 1;
      y = 2 * random() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    spare = scale * x;
    return scale * y;
  };
}

/**
 * The source that `numpy.random.RandomState(seed)` is.
 *
 * @example mersenne_twister(42).random() // 0.3745401188473625
 *
 * @param {number} seed a whole number from 0 to 2**32 - 1
 * @returns {Source}
 */
export function mersenne_twister(seed) {
  if (!Number.isInteger(seed) || seed < 0 || seed > 4294967295) {
    throw new RangeError(`seed is ${seed}; give a whole number from 0 to 4294967295`);
  }
  const words = new Int32Array(SIZE);
  words[0] = seed | 0;
  for (let i = 1; i < SIZE; i++) {
    const previous = words[i - 1];
    words[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
  }
  let position = SIZE;

  function next32() {
    if (position >= SIZE) {
      refill(words);
      position = 0;
    }
    let y = words[position++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }
  function random() {
    const high = next32() >>> 5;
    return (high * 67108864 + (next32() >>> 6)) / 9007199254740992;
  }
  return { random, normal: normals(random) };
}

/**
 * Positions of untrained neurons: the first `neurons` numbers of the seed's stream, sorted.
 *
 * @param {number} seed
 * @param {number} neurons
 * @returns {Float64Array}
 */
export function initial_positions(seed, neurons) {
  const source = mersenne_twister(seed);
  return Float64Array.from({ length: neurons }, source.random).sort();
}
