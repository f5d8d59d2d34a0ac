import { createHash } from 'node:crypto';
import { HttpProblem, type Json } from '@ebb/core';
import type { Sql } from '@ebb/postgres';

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

export interface Answered extends Answer {
  /** How often it was asked for under its key, this time included. */
  readonly asks: number;
}

interface AnswerRow {
  request: string;
  asks: number;
  status: number | null;
  body: Json;
}

/**
 * Answers a request once per idempotency key: asked again, it gives the same answer without doing anything. Requests of one key wait for each other.
 * An answer of 503 is not kept: it says that nothing was done.
 * @throws HttpProblem 422 when the key was used for another request
 */
export async function answerOnce(
  db: Sql,
  key: string,
  request: unknown,
  run: (asks: number) => Promise<Answer>,
): Promise<Answered> {
  const digest = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const [known] = await db<AnswerRow>`
    insert into answers (key, request) values (${key}, ${digest})
    on conflict (key) do update set asks = answers.asks + 1
    returning request, asks, status, body`;
  if (!known) throw new RangeError('an upsert always returns its row');
  const { asks, status, body } = known;
  if (known.request !== digest) {
    throw new HttpProblem(422, 'this Idempotency-Key was used for another request: use a new one');
  }
  if (status !== null) return { status, body, asks };
  const answer = await run(asks);
  if (answer.status !== 503) {
    await db`update answers set status = ${answer.status}, body = ${JSON.stringify(answer.body)} where key = ${key}`;
  }
  return { ...answer, asks };
}
