import { join } from 'node:path';
import type { WorkspaceCopy } from '@ebb/testing/local';
import pg from 'pg';
import { SERVICES } from './services.ts';
import { changeFile } from './workspace.ts';

/**
 * Faults for tests that prove the checker: each takes away one of the things that delivery rests on, in the database of one test. They live outside of
 * the product, which has no switch for them.
 */
export const FAULTS = {
  /** Every inbox forgets at once what it took in. */
  'no inbox': SERVICES.map(forgetful),
  /** Each relay believes that it has every lane to itself. */
  'no shard lock': [
    `CREATE SCHEMA fault;
     GRANT USAGE ON SCHEMA fault TO ebb_relay;
     CREATE FUNCTION fault.pg_try_advisory_xact_lock(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';
     ALTER ROLE ebb_relay SET search_path = fault, pg_catalog;`,
    // It counts for the connections that are made from now on.
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ebb_relay'`,
  ],
} as const;

/**
 * No fault either: one connection of one relay is always slow, whichever asks first. Without turns, what goes through it is overtaken by all that the
 * other relay sees meanwhile.
 */
export const SLOW_RELAY = `
  CREATE FUNCTION ebb_log.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF session_user = 'ebb_relay' AND pg_try_advisory_lock(hashtext('dawdle')) THEN PERFORM pg_sleep(0.5); END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER dawdle BEFORE UPDATE ON ebb_log.partition FOR EACH STATEMENT EXECUTE FUNCTION ebb_log.dawdle();`;

/** No fault: an event log that is slow at times. Relays that do not take turns overtake each other on the way to it. */
export const SLOW_LOG = `
  CREATE FUNCTION ebb_log.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF session_user = 'ebb_relay' AND random() < 0.4 THEN PERFORM pg_sleep(0.5); END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER dawdle BEFORE UPDATE ON ebb_log.partition FOR EACH STATEMENT EXECUTE FUNCTION ebb_log.dawdle();`;

/** Does something to the database of a test, as its superuser: each text in a transaction of its own. */
export async function inject(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'ebb-chaos-fault' });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** What a workspace has to copy for {@link stopClocks} and {@link takeFence}: in the sources, since no statement from outside could do the same. */
export const LEASE_LIBS = ['function', 'postgres'];

/** Leased functions do not notice that their time is over or that their lease was lost: the fence alone is left. */
export function stopClocks({ root }: WorkspaceCopy): void {
  const handle = join(root, 'libs/function/src/leased/handle-leased.ts');
  changeFile(handle, 'AbortSignal.any([deadline, leased.signal])', 'new AbortController().signal');
}

/** Whoever held a lease once writes as if it still did. */
export function takeFence({ root }: WorkspaceCopy): void {
  const lease = join(root, 'libs/postgres/src/leased/lease.ts');
  changeFile(lease, "lease_token = $4 AND status = 'running' FOR UPDATE", '$4::uuid IS NOT NULL FOR UPDATE');
}

function forgetful(schema: string): string {
  return `
    CREATE FUNCTION ${schema}.forget() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      DELETE FROM ${schema}.inbox WHERE fn = NEW.fn AND source = NEW.source AND event_id = NEW.event_id;
      RETURN NULL;
    END $$;
    CREATE TRIGGER forget AFTER INSERT ON ${schema}.inbox FOR EACH ROW EXECUTE FUNCTION ${schema}.forget();`;
}
