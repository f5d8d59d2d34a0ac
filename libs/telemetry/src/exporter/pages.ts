/** Room for what is sent at once, of spans as they mostly are. */
const PAGE_BYTES = 524_288;
/** Of UTF-8 in a unit of UTF-16, at most. */
const BYTES_PER_UNIT = 3;

/** Text that is gathered into pages of bytes: items with commas between them, framed by a head and a tail. */
export class Pages {
  readonly #head: Buffer;
  readonly #tail: Buffer;
  #page: Buffer | undefined;
  #length = 0;

  constructor({ head, tail }: { readonly head: string; readonly tail: string }) {
    this.#head = Buffer.from(head);
    this.#tail = Buffer.from(tail);
  }

  get isEmpty(): boolean {
    return this.#page === undefined;
  }

  /** Gives the page before, when the item does not fit into it any more. */
  add(item: string): Buffer | undefined {
    const needed = item.length * BYTES_PER_UNIT + 1 + this.#tail.length;
    const full = this.#page && this.#page.length - this.#length < needed ? this.take() : undefined;
    const page = (this.#page ??= this.#begin(needed));
    if (this.#length > this.#head.length) this.#length += page.write(',', this.#length, 'latin1');
    this.#length += page.write(item, this.#length, 'utf8');
    return full;
  }

  /** The page that was begun; undefined when nothing was added. */
  take(): Buffer | undefined {
    const page = this.#page;
    if (!page) return undefined;
    this.#page = undefined;
    this.#length += this.#tail.copy(page, this.#length);
    return page.subarray(0, this.#length);
  }

  #begin(needed: number): Buffer {
    const page = Buffer.allocUnsafeSlow(Math.max(PAGE_BYTES, this.#head.length + needed));
    this.#length = this.#head.copy(page);
    return page;
  }
}
