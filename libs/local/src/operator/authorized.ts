import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Secret } from '@ebb/core';

/** Whether a request shows the token. It takes as long whatever is shown, so that nobody can find it out piece by piece. */
export function isAuthorized({ headers }: IncomingMessage, token: Secret): boolean {
  const [, shown = ''] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
  return timingSafeEqual(digestOf(shown), digestOf(token.reveal()));
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
