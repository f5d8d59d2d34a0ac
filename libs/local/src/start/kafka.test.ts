import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { silentLogger } from '@ebb/core';
import type { Progress } from '../progress.ts';
import { awaitKafka } from './kafka.ts';

it('waits for a Kafka that is away, says so once, and stops waiting when it is told to', async () => {
  const told: Progress[] = [];
  const stopping = new AbortController();
  const waiting = awaitKafka('kafka://me:hunter2@127.0.0.1:1/', {
    logger: silentLogger,
    onProgress: (progress) => told.push(progress),
    signal: stopping.signal,
  });
  waiting.catch(() => undefined);
  for (const until = Date.now() + 20_000; told.length === 0 && Date.now() < until;) await sleep(20);
  // Time for another attempt, which says nothing.
  await sleep(1_500);
  stopping.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(told).toEqual([
    {
      kind: 'warning',
      message: expect.stringMatching(/^Kafka at 127\.0\.0\.1:1 cannot be reached .*; waiting for it$/) as unknown,
    },
  ]);
});
