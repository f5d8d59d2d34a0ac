import { createHash } from 'node:crypto';
import { HttpProblem } from '@ebb/core';
import type { Sql } from '@ebb/postgres';

export interface Answer {
  readonly status: number;
  readonly body: object;
}

export interface Answered<A extends Answer> {
  readonly answer: A;
  /** How often it was asked for under its key, this time included. */
  readonly asks: number;
}

interface AnswerRow {
  request: string;
  asks: number;
  status: number | null;
  body: object;
}

/**
 * Answers a request once per idempotency key: asked again, it gives the same answer without doing anything. Requests of one key wait for each other.
 * An answer of 503 is not kept: it says that nothing was done.
 * @throws HttpProblem 422 when the key was used for another request
 */
export async function answerOnce<A extends Answer>(
  db: Sql,
  key: string,
  request: unknown,
  run: (asks: number) => Promise<A>,
): Promise<Answered<A>> {
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
  // The same request was answered by the same `run`.
  if (status !== null) return { answer: { status, body } as A, asks };
  const answer = await run(asks);
  if (answer.status !== 503) {
    await db`update answers set status = ${answer.status}, body = ${JSON.stringify(answer.body)} where key = ${key}`;
  }
  return { answer, asks };
}
