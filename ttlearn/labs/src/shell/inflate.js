/** Unpacks zlib data (RFC 1950, 1951) where the browser has no DecompressionStream. Pure. */

const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LONGEST = 15; // bits of a code word
const HEADER = 2; // bytes before the first block, and
const CHECKSUM = 4; // behind the last one

/** @typedef {{counts: Uint16Array, symbols: Uint16Array}} Code canonical Huffman: how many words of each length, symbols in order */

/** @param {ArrayLike<number>} lengths of the symbols' words, 0 for none @returns {Code} */
function code(lengths) {
  const counts = new Uint16Array(LONGEST + 1);
  for (let i = 0; i < lengths.length; i++) counts[lengths[i]] += 1;
  counts[0] = 0;
  const next = new Uint16Array(LONGEST + 2);
  for (let length = 1; length <= LONGEST; length++) next[length + 1] = next[length] + counts[length];
  const symbols = new Uint16Array(lengths.length);
  for (let i = 0; i < lengths.length; i++) if (lengths[i]) symbols[next[lengths[i]]++] = i;
  return { counts, symbols };
}

const FIXED = [code(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))), code(Array(30).fill(5))];

class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.end = bytes.length - CHECKSUM;
    this.at = HEADER;
    this.held = 0;
    this.count = 0;
  }

  /** @param {number} count up to 16 */
  bits(count) {
    while (this.count < count) {
      if (this.at >= this.end) throw new Error("The stored results are damaged");
      this.held |= this.bytes[this.at++] << this.count;
      this.count += 8;
    }
    const value = this.held & ((1 << count) - 1);
    this.held >>>= count;
    this.count -= count;
    return value;
  }

  /** @param {Code} code */
  symbol({ counts, symbols }) {
    let [word, first, index] = [0, 0, 0];
    for (let length = 1; length <= LONGEST; length++) {
      word |= this.bits(1);
      if (word - first < counts[length]) return symbols[index + word - first];
      index += counts[length];
      first = (first + counts[length]) << 1;
      word <<= 1;
    }
    throw new Error("The stored results are damaged");
  }

  /** The two codes that a block brings along: literals and lengths, distances. */
  codes() {
    const [literals, distances, few] = [this.bits(5) + 257, this.bits(5) + 1, this.bits(4) + 4];
    const short = new Uint8Array(ORDER.length);
    for (let i = 0; i < few; i++) short[ORDER[i]] = this.bits(3);
    const helper = code(short);
    const lengths = new Uint8Array(literals + distances);
    for (let at = 0; at < lengths.length; ) {
      const symbol = this.symbol(helper);
      if (symbol < 16) lengths[at++] = symbol;
      else {
        const value = symbol === 16 ? lengths[at - 1] : 0;
        const times = symbol === 16 ? 3 + this.bits(2) : symbol === 17 ? 3 + this.bits(3) : 11 + this.bits(7);
        lengths.fill(value, at, at + times);
        at += times;
      }
    }
    return [code(lengths.subarray(0, literals)), code(lengths.subarray(literals))];
  }
}

class Output {
  constructor() {
    this.bytes = new Uint8Array(1 << 16);
    this.size = 0;
  }

  /** @param {number} more */
  grow(more) {
    if (this.size + more <= this.bytes.length) return;
    const larger = new Uint8Array(2 * (this.size + more));
    larger.set(this.bytes.subarray(0, this.size));
    this.bytes = larger;
  }

  /** @param {number} distance back @param {number} length */
  repeat(distance, length) {
    if (distance > this.size) throw new Error("The stored results are damaged");
    this.grow(length);
    for (let i = 0; i < length; i++, this.size++) this.bytes[this.size] = this.bytes[this.size - distance];
  }
}

/** @param {Uint8Array} bytes as zlib.compress makes them @returns {Uint8Array} */
export function inflateZlib(bytes) {
  const reader = new Reader(bytes);
  const output = new Output();
  for (let last = 0; !last; ) {
    last = reader.bits(1);
    const kind = reader.bits(2);
    if (kind === 0) stored(reader, output);
    else if (kind < 3) packed(reader, output, kind === 1 ? FIXED : reader.codes());
    else throw new Error("The stored results are damaged");
  }
  return output.bytes.slice(0, output.size);
}

/** @param {Reader} reader @param {Output} output */
function stored(reader, output) {
  reader.bits(reader.count % 8); // the rest of the byte
  const length = reader.bits(16);
  reader.bits(16); // the length again, inverted
  output.grow(length);
  for (let i = 0; i < length; i++) output.bytes[output.size++] = reader.bits(8);
}

/** @param {Reader} reader @param {Output} output @param {Code[]} codes */
function packed(reader, output, [literals, distances]) {
  for (;;) {
    const symbol = reader.symbol(literals);
    if (symbol === 256) return;
    if (symbol < 256) {
      output.grow(1);
      output.bytes[output.size++] = symbol;
    } else {
      const length = LENGTH_BASE[symbol - 257] + reader.bits(LENGTH_BITS[symbol - 257]);
      const way = reader.symbol(distances);
      output.repeat(DISTANCE_BASE[way] + reader.bits(DISTANCE_BITS[way]), length);
    }
  }
}
