import { readFile, stat } from 'node:fs/promises';

import { messageOf } from '@ebb/core';

/** What is new about a file: nothing, or what it holds now, or why that is not known. */
export type FileNews<T> = { readonly value: T } | { readonly trouble: string } | undefined;

/**
 * A file that is replaced now and then. It is looked at instead of watched: a ConfigMap is a link to a link, and not every file system tells.
 * Without a path there is no file, and no news.
 */
export class WatchedFile<T> {
  readonly #path: string | undefined;
  readonly #parse: (content: string) => T;
  /** What the last look saw. */
  #seen: string | undefined;

  /** @param parse may throw: its message becomes the trouble */
  constructor(path: string | undefined, parse: (content: string) => T) {
    this.#path = path;
    this.#parse = parse;
  }

  /** Never rejects. */
  async look(): Promise<FileNews<T>> {
    if (this.#path === undefined) return undefined;
    const path = this.#path;
    const state = await stateOf(path);
    if (state === this.#seen) return undefined;
    this.#seen = state;
    try {
      return { value: this.#parse(await readFile(path, 'utf8')) };
    } catch (error) {
      return { trouble: `${path}: ${messageOf(error)}` };
    }
  }
}

/** The same as long as nobody replaced the file. */
async function stateOf(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    return messageOf(error);
  }
}
