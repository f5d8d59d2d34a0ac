import { EbbError, parseJson, PROBLEM_CONTENT_TYPE, SchemaViolationError, type Json } from '@ebb/core';
import { parseData } from '@ebb/events';
import type { RouteDefinition } from '@ebb/function';
import type { Answer } from './in-memory-http.ts';

interface Asked {
  readonly method: string;
  readonly route: RouteDefinition;
  /** Statuses that come from the runtime itself. */
  readonly runtimeAnswers: ReadonlySet<number>;
}

/**
 * Holds an answer against what its route promises: clients are made from that, and in production nothing looks at it.
 * @throws EbbError EBB_DEFINITION for a status, a type or a body that `answers` does not say
 */
export function assertPromised({ status, headers, text }: Answer, { method, route, runtimeAnswers }: Asked): void {
  const fail = (what: string): never => {
    const said = text === '' ? '' : `\n${text.slice(0, 1_000)}`;
    throw new EbbError('EBB_DEFINITION', `route "${route.method} ${route.path}" answered ${status} ${what}${said}`);
  };
  const promised = route.answers.get(status);
  const type = mediaType(headers['content-type']);
  const isProblem = type === PROBLEM_CONTENT_TYPE;
  if (runtimeAnswers.has(status) && (isProblem || status === 304)) return;
  if (!promised) return fail('which its "answers" do not list');
  if (method === 'HEAD') return;
  if (promised.problem !== isProblem) {
    return fail(isProblem ? 'with a problem, but its "answers" have something else' : 'without a problem document');
  }
  if (promised.contentType !== undefined) {
    if (type !== mediaType(promised.contentType)) fail(`with "${type}" instead of "${promised.contentType}"`);
  } else if (promised.schema) assertBody(promised.schema, text, fail);
  else if (text !== '' && !isProblem) fail('with a body, but its "answers" give no schema for one');
}

function mediaType(contentType = ''): string {
  return (contentType.split(';')[0] ?? '').trim();
}

type Schema = NonNullable<Parameters<typeof parseData>[0]>;

function assertBody(schema: Schema, text: string, fail: (what: string) => never): void {
  if (text === '') return fail('without a body');
  const body = parseJson(text);
  let known: unknown;
  try {
    known = parseData(schema, body, 'the answer');
  } catch (error) {
    return fail(
      `with a body that does not fit: ${error instanceof SchemaViolationError ? error.message : String(error)}`,
    );
  }
  const [unknown] = unknownIn(body, known, '');
  if (unknown !== undefined) fail(`with ${unknown}, which its schema does not know`);
}

/** Where a body has members that its schema left out: they may be meant for nobody, such as the hash of a password. */
function* unknownIn(body: Json, known: unknown, path: string): Generator<string, undefined> {
  if (typeof body !== 'object' || body === null || typeof known !== 'object' || known === null) return;
  for (const [key, value] of Object.entries<Json>(body as Readonly<Record<string, Json>>)) {
    const at = `${path}/${key}`;
    if (Object.hasOwn(known, key)) yield* unknownIn(value, (known as Readonly<Record<string, unknown>>)[key], at);
    else yield at;
  }
}
