import { EbbError, messageOf, parseJson } from '@ebb/core';
import { fieldsOf, type Fields } from '../otlp/shape.ts';
import { spansOf } from '../otlp/spans.ts';
import type { StoredSpan } from '../span.ts';
import { spansOfDocument } from './read-document.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends a GET to a query service: whoever calls decides about addresses, tunnels and deadlines. */
export type JaegerGet = (path: string) => Promise<Answer>;

/** An attribute's value takes up to four levels of JSON per level of its own. */
const MAX_JSON_DEPTH = 160;
const OK = 200;
const NOT_FOUND = 404;

/**
 * The spans of a trace, as a Jaeger has them: asked for by /api/v3, which newer versions keep alone, else by /api, which older ones have.
 * @returns none when it has no such trace (yet)
 * @throws EbbError EBB_RUNTIME when it answers with a failure, or with what is no answer of Jaeger; and whatever `get` throws
 */
export async function readJaeger(get: JaegerGet, traceId: string): Promise<readonly StoredSpan[]> {
  const newer = await ask(get, `/api/v3/traces/${traceId}`);
  if (newer.document) return read(newer.document, ({ result }) => spansOf(result).spans, 'error');
  // A version without that API, or the page that it gives for every address that it does not know.
  const older = await ask(get, `/api/traces/${traceId}`);
  if (older.document) return read(older.document, spansOfDocument, 'errors');
  throw new EbbError(
    'EBB_RUNTIME',
    `this is no query API of Jaeger (its port is 16686): /api/traces was answered with ${older.status}${shown(older.body)}`,
  );
}

interface Asked extends Answer {
  /** The answer, when it is one of an API. */
  readonly document?: Fields;
}

/** @throws EbbError EBB_RUNTIME when the query service itself fails */
async function ask(get: JaegerGet, path: string): Promise<Asked> {
  const answer = await get(path);
  if (answer.status !== OK && answer.status !== NOT_FOUND) {
    throw new EbbError('EBB_RUNTIME', `${path} was answered with ${answer.status}${shown(answer.body)}`);
  }
  const document = documentOf(answer.body);
  return { ...answer, ...(document && { document }) };
}

function documentOf(body: string): Fields | undefined {
  try {
    const document = fieldsOf(parseJson(body, { maxDepth: MAX_JSON_DEPTH }), 'the answer');
    const isOfApi = ['result', 'error', 'data', 'errors'].some((name) => Object.hasOwn(document, name));
    return isOfApi ? document : undefined;
  } catch {
    return undefined;
  }
}

/** Both say 404 in JSON for a trace that they do not have. */
function read(
  document: Fields,
  spans: (document: Fields) => readonly StoredSpan[],
  failure: 'error' | 'errors',
): readonly StoredSpan[] {
  if (document[failure] !== undefined && document[failure] !== null) return [];
  try {
    return spans(document);
  } catch (error) {
    throw new EbbError('EBB_RUNTIME', `the trace cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

const SHOWN_CHARS = 200;

function shown(body: string): string {
  const said = body.trim().slice(0, SHOWN_CHARS);
  return said === '' ? '' : `: ${said}`;
}
