import type { IncomingMessage } from 'node:http';

import { HttpProblem, parseJson, type Json } from '@ebb/core';
import { readBody } from '@ebb/events';

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON that a request carries; undefined when it says that it carries something else, which is left unread.
 * @throws EbbError EBB_JSON, EBB_TOO_LARGE
 * @throws HttpProblem 415 for an encoding or a charset that is not read here
 */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<Json | undefined> {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase());
  if (!JSON_TYPE.test(type)) return undefined;
  assertPlain(request);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    throw new HttpProblem(415, `charset ${charset} is not supported: send UTF-8`);
  }
  return parseBytes(await readBody(request, maxBytes));
}

/**
 * The bytes that a request carries, whatever their type; none where it has no body.
 * @throws EbbError EBB_TOO_LARGE
 * @throws HttpProblem 415 for a packed body
 */
export async function readRaw(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  assertPlain(request);
  return readBody(request, maxBytes);
}

function assertPlain({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new HttpProblem(415, `content-encoding ${encoding} is not supported`);
}

/** @throws EbbError EBB_JSON; HttpProblem 400 for what is no UTF-8 */
export function parseBytes(body: Buffer): Json {
  return parseJson(decode(body));
}

function decode(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw new HttpProblem(400, 'the body is not valid UTF-8');
  }
}
