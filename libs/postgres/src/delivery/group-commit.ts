import type { Connections } from '../connections.ts';
import { repeatedly } from '../transaction.ts';
import { isOutage } from '../outage.ts';
import { inStatementSpan } from '../statement-span.ts';
import { textOfKey } from './inbox-key.ts';
import { claimAndEmit, type Emission, type WonRow } from './plain-claim.ts';

/** Two, so that one is prepared while PostgreSQL writes the other; what comes in the meantime goes together. */
const MAX_UNDER_WAY = 2;
const MAX_TOGETHER = 100;
const MAX_CHARS_TOGETHER = 4 * 1_048_576;
/** It waits for no handler: a statement that takes this long waits for a lock or a disk. */
const TIMEOUT_MS = '30000';

/**
 * For the statement that comes with it. Few deliveries look cheaper to PostgreSQL than the ten that it thinks of without knowing how many: it would
 * plan each time anew, which takes longer than all the rest.
 */
const LIMIT = {
  name: 'ebb_statement_limit',
  text: `SELECT set_config('statement_timeout', $1, true), set_config('plan_cache_mode', 'force_generic_plan', true)`,
  untraced: true,
};

interface Waiting extends Emission {
  readonly key: string;
  readonly resolve: (isWon: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits deliveries whose handlers only emitted: inbox and outbox in one statement, without a transaction around it. Those that come while
 * others are being written share the next statement, as commits share a flush of the log; each still succeeds or fails by itself.
 */
export class GroupCommit {
  readonly #connections: Connections;
  readonly #retentionMs: number;
  #waiting: Waiting[] = [];
  #underWay = 0;

  constructor(connections: Connections, retentionMs: number) {
    this.#connections = connections;
    this.#retentionMs = retentionMs;
  }

  /** Resolves to whether the delivery was claimed; if not, nothing was written. */
  commit({ delivery, outbox }: Emission): Promise<boolean> {
    const key = textOfKey(delivery);
    const committed = () =>
      new Promise<boolean>((resolve, reject) => {
        this.#waiting.push({ delivery, outbox, key, resolve, reject });
        // Those that come in the same turn of the event loop go together.
        if (this.#waiting.length === 1) setImmediate(() => this.#next());
      });
    return inStatementSpan(this.#connections.tracer, 'INSERT INTO inbox, outbox', committed, 'INSERT inbox');
  }

  #next(): void {
    while (this.#underWay < MAX_UNDER_WAY && this.#waiting.length > 0) {
      this.#underWay += 1;
      void this.#write(this.#take()).finally(() => {
        this.#underWay -= 1;
        this.#next();
      });
    }
  }

  /** The first that wait; of those with the same key one at a time, because a statement claims each row once. */
  #take(): readonly Waiting[] {
    const taken = new Map<string, Waiting>();
    const left: Waiting[] = [];
    let chars = 0;
    for (const each of this.#waiting) {
      const isFull = taken.size >= MAX_TOGETHER || (taken.size > 0 && chars > MAX_CHARS_TOGETHER);
      if (isFull || taken.has(each.key)) {
        left.push(each);
        continue;
      }
      taken.set(each.key, each);
      for (const { json } of each.outbox) chars += json.length;
    }
    this.#waiting = left;
    return [...taken.values()];
  }

  /** Never rejects. */
  async #write(together: readonly Waiting[]): Promise<void> {
    try {
      const won = await repeatedly(() => this.#send(together));
      together.forEach(({ resolve }, at) => resolve(!won || won.has(at + 1)));
    } catch (error) {
      const [first] = together;
      if (together.length === 1 || isOutage(error as Error)) for (const { reject } of together) reject(error);
      // One of them is at fault, and it alone shall fail.
      else if (first) for (const each of together) await this.#write([each]);
    }
  }

  /** The places of those that were claimed, from 1; undefined: all were. */
  async #send(together: readonly Waiting[]): Promise<ReadonlySet<number> | undefined> {
    const client = await this.#connections.connect();
    let failure: unknown;
    try {
      const query = claimAndEmit(together, this.#retentionMs);
      const [, result] = await Promise.all(
        this.#connections.together(client, [{ ...LIMIT, values: [TIMEOUT_MS] }, query]),
      );
      const [row] = result?.rows as WonRow[];
      return row?.won === null ? undefined : new Set(row?.won.map(([nth]) => nth));
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      client.release(failure !== undefined && isOutage(failure as Error));
    }
  }
}
