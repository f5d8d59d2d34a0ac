import { messageOf, parseJson } from '@ebb/core';
import { QueryError } from '../errors.ts';
import { goDuration } from './duration.ts';

/** Reads query parameters; each reader throws a QueryError that names the parameter. */
export class Parameters {
  readonly #query: URLSearchParams;

  constructor(query: URLSearchParams) {
    this.#query = query;
  }

  /** The first of these names that is given and not empty: a parameter and its older spellings. */
  text(...names: readonly string[]): string | undefined {
    return this.#given(names)?.[1];
  }

  all(name: string): readonly string[] {
    return this.#query.getAll(name);
  }

  integer(...names: readonly string[]): number | undefined {
    return this.#read(names, (text) => {
      if (!/^-?\d{1,15}$/.test(text)) throw new QueryError(`invalid syntax: ${JSON.stringify(text)}`);
      return Number(text);
    });
  }

  /** A time given as a whole number of units since the epoch, in nanoseconds. */
  epoch(name: string, unitNs: bigint): bigint | undefined {
    const count = this.#read([name], (text) => {
      if (!/^\d{1,19}$/.test(text)) throw new QueryError(`invalid syntax: ${JSON.stringify(text)}`);
      return BigInt(text) * unitNs;
    });
    return count === undefined ? undefined : storableTime(count);
  }

  /** A time in RFC 3339, in nanoseconds. */
  instant(...names: readonly string[]): bigint | undefined {
    return this.#read(names, (text) => {
      const match = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
      const ms = match ? Date.parse(`${match[1] ?? ''}${match[3] ?? ''}`.toUpperCase()) : Number.NaN;
      if (Number.isNaN(ms)) throw new QueryError(`${JSON.stringify(text)} is no time in RFC 3339`);
      return storableTime(BigInt(ms) * 1_000_000n + BigInt((match?.[2] ?? '').padEnd(9, '0')));
    });
  }

  duration(...names: readonly string[]): bigint | undefined {
    return this.#read(names, goDuration);
  }

  /** A JSON object of texts, such as {"error":"true"}. */
  map(name: string): Readonly<Record<string, string>> {
    return (
      this.#read([name], (text) => {
        const value = parseJson(text, { maxDepth: 1 });
        const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
        if (!isMap || Object.values(value).some((item) => typeof item !== 'string')) {
          throw new QueryError('it must be a JSON object whose values are strings');
        }
        return value as Readonly<Record<string, string>>;
      }) ?? {}
    );
  }

  #read<T>(names: readonly string[], parse: (text: string) => T): T | undefined {
    const given = this.#given(names);
    if (!given) return undefined;
    const [name, text] = given;
    try {
      return parse(text);
    } catch (error) {
      throw new QueryError(`unable to parse param '${name}': ${messageOf(error)}`, { cause: error });
    }
  }

  #given(names: readonly string[]): [name: string, text: string] | undefined {
    for (const name of names) {
      const text = this.#query.get(name);
      if (text !== null && text !== '') return [name, text];
    }
    return undefined;
  }
}

const MAX_TIME_NS = 2n ** 63n - 1n;

/** A later time means the end of time; the database's integers end there. */
function storableTime(timeNs: bigint): bigint {
  return timeNs > MAX_TIME_NS ? MAX_TIME_NS : timeNs;
}

/**
 * A trace id as people give it: hex, leading zeros may be missing.
 * @throws QueryError
 */
export function traceIdOf(text: string): string {
  if (!/^[\da-f]{1,32}$/i.test(text)) throw new QueryError(`${JSON.stringify(text)} is no trace id`);
  return text.toLowerCase().padStart(32, '0');
}
