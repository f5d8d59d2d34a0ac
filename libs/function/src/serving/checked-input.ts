import { HttpProblem, SchemaViolationError, type Violation } from '@ebb/core';
import { parseData, type StandardSchemaV1 } from '@ebb/events';

import { unstorableIn } from './unstorable.ts';

/** The part of a request that a problem is about. */
export type Place = 'path' | 'query' | 'headers' | 'body';

/**
 * A part of a request, checked against its schema, if it has one.
 * @param otherwise tried before the request is refused; what it gives counts
 * @throws HttpProblem of the status, with every violation
 */
export function checkedInput(
  status: number,
  place: Place,
  schema: StandardSchemaV1 | undefined,
  given: unknown,
  otherwise?: () => unknown,
): unknown {
  const unstorable = unstorableIn(given);
  if (unstorable.length > 0) throw misfit(status, place, unstorable);
  if (!schema) return given;
  try {
    return parseData(schema, given, place);
  } catch (error) {
    if (!(error instanceof SchemaViolationError)) throw error;
    const second = otherwise?.();
    if (second !== undefined) return second;
    throw misfit(status, place, error.violations);
  }
}

const WHAT: Readonly<Record<Place, string>> = {
  path: 'there is nothing at this path',
  query: 'the query does not fit',
  headers: 'the headers do not fit',
  body: 'the body does not fit',
};

function misfit(status: number, place: Place, violations: readonly Violation[]): HttpProblem {
  const details = violations.map(({ path, message }) => `${path === '' ? 'it' : path} ${message}`).join('; ');
  return new HttpProblem(status, `${WHAT[place]}: ${details}`, { extensions: { in: place, violations } });
}
