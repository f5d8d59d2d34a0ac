import type { Readable } from 'node:stream';

/** Longer lines are cut: a process that never ends its line must not fill this one's memory. */
export const MAX_LINE_LENGTH = 16_384;

/** Calls back with every line of a text stream, and with what is left when it ends. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  let isCut = false;
  const emit = (line: string): void => {
    if (!isCut) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    isCut = false;
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) emit(line.slice(0, MAX_LINE_LENGTH));
    if (rest.length <= MAX_LINE_LENGTH) return;
    emit(`${rest.slice(0, MAX_LINE_LENGTH)}…`);
    rest = '';
    isCut = true;
  });
  stream.on('end', () => {
    if (rest !== '') emit(rest);
  });
  // A pipe that breaks when its process dies ends the log; there is nobody to tell.
  stream.on('error', () => undefined);
}

/** The last lines of a stream, to explain a failure. */
export class Tail {
  readonly #lines: string[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(line: string): void {
    this.#lines.push(line.slice(0, 500));
    if (this.#lines.length > this.#limit) this.#lines.shift();
  }

  get text(): string {
    return this.#lines.join('\n').trim();
  }
}
