import { systemClock } from '@ebb/core';
import { OUTBOX_CHANNEL } from '@ebb/postgres';
import pg from 'pg';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/** Calls back when a service says that it committed events. Only a hint: what gets lost is found by polling. */
export function listenForCommits(url: string, onCommit: (schema: string) => void): () => Promise<void> {
  const stopping = new AbortController();
  let client: pg.Client | undefined;
  const listenOnce = async (): Promise<void> => {
    const listening = new pg.Client({ connectionString: url, application_name: 'ebb-relay-listen', keepAlive: true });
    client = listening;
    const ended = new Promise<void>((resolve) => {
      listening.once('error', () => resolve()).once('end', () => resolve());
    });
    listening.on('notification', ({ payload }) => onCommit(payload ?? ''));
    try {
      await listening.connect();
      await listening.query(`LISTEN ${OUTBOX_CHANNEL}`);
      await ended;
    } finally {
      await listening.end().catch(() => undefined);
    }
  };
  const running = (async () => {
    for (let retryMs = FIRST_RETRY_MS; !stopping.signal.aborted; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      const startedAt = Date.now();
      await listenOnce().catch(() => undefined);
      if (Date.now() - startedAt > LONGEST_RETRY_MS) retryMs = FIRST_RETRY_MS;
      await systemClock.sleep(retryMs, stopping.signal).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await client?.end().catch(() => undefined);
    await running;
  };
}
