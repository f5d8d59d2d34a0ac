const INCREMENT = 0x6d2b79f5;
const TWO_TO_32 = 4_294_967_296;
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const HEX = 16;

/** A stream of numbers that a seed and a name decide (mulberry32). What one stream gives does not depend on how much another was asked. */
export class Random {
  #state: number;

  constructor(seed: number, stream: string) {
    this.#state = (hash(stream) ^ seed) >>> 0;
  }

  /** At least 0 and less than 1. */
  next(): number {
    this.#state = (this.#state + INCREMENT) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_TO_32;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<const T>(choices: readonly [T, ...T[]]): T {
    return choices[this.between(0, choices.length - 1)] ?? choices[0];
  }

  shuffled<T>(items: readonly T[]): readonly T[] {
    return items
      .map((item) => ({ item, rank: this.next() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ item }) => item);
  }

  /** A UUID of version 4. */
  uuid(): string {
    const digits = Array.from({ length: 32 }, () => this.between(0, HEX - 1).toString(HEX));
    digits[12] = '4';
    digits[16] = this.pick(['8', '9', 'a', 'b']);
    const text = digits.join('');
    return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
  }
}

function hash(text: string): number {
  let value = FNV_BASIS;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, FNV_PRIME);
  return value >>> 0;
}
