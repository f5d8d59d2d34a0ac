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
export async function readJson(request: IncomingMessage, maxBytes: number = MAX_BODY_BYTES): Promise<Json | undefined> {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  if (!JSON_TYPE.test(type)) return undefined;
  assertPlain(request);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    throw new HttpProblem(415, `charset ${charset} is not supported: send UTF-8`);
  }
  return parseJson(decode(await readAndKeep(request, maxBytes)));
}

/**
 * The bytes that a request carries, whatever their type; none where it has no body.
 * @throws EbbError EBB_TOO_LARGE
 * @throws HttpProblem 415 for a packed body
 */
export async function readRaw(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  assertPlain(request);
  return readAndKeep(request, maxBytes);
}

async function readAndKeep(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const body = await readBody(request, maxBytes);
  rawBodies.set(request, body);
  return body;
}

function assertPlain({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new HttpProblem(415, `content-encoding ${encoding} is not supported`);
}

/** The bytes that were read, if any were. */
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
