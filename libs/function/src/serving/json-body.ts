import type { IncomingMessage } from 'node:http';

import { HttpProblem, parseJson, type Json } from '@ebb/core';
import { readBody } from '@ebb/events';

/** What one request may carry: an event, or the body of a route. */
export const MAX_BODY_BYTES = 1_048_576;

/** What was read, letter by letter: a signature is made over that, not over what it means. */
const rawBodies = new WeakMap<IncomingMessage, Buffer>();

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON that a request carries; undefined when it says that it carries something else, which is left unread.
 * @throws EbbError EBB_JSON, EBB_TOO_LARGE
 * @throws HttpProblem 415 for an encoding or a charset that is not read here
 */
export async function readJson(request: IncomingMessage): Promise<Json | undefined> {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  if (!JSON_TYPE.test(type)) return undefined;
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new HttpProblem(415, `content-encoding ${encoding} is not supported`);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    throw new HttpProblem(415, `charset ${charset} is not supported: send UTF-8`);
  }
  const body = await readBody(request, MAX_BODY_BYTES);
  rawBodies.set(request, body);
  return parseJson(decode(body));
}

/** The bytes that {@link readJson} read, if it read any. */
export function rawBodyOf(request: IncomingMessage): Buffer | undefined {
  return rawBodies.get(request);
}

function decode(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new HttpProblem(400, 'the body is not valid UTF-8');
  }
}
