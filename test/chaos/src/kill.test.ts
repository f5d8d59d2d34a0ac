import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { available, decided, line, placedData, placeOrder, publishBinary, restock } from '@ebb/shop';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type HttpResult, type WorkspaceCopy } from '@ebb/testing/local';

let workspace: WorkspaceCopy;
let ebb: Ebb;
let customer: Customer;

beforeEach(async () => {
  workspace = copyWorkspace(import.meta.dirname);
  ebb = await Ebb.start(workspace, ['--no-watch']);
  customer = new Customer();
});

afterEach(async () => {
  // A customer who goes on after a failure would keep the tests from ending.
  await customer.stop();
  await ebb.stop();
  workspace.remove();
});

const EACH = 2;

/** Orders that were accepted: over HTTP with 201, or by the broker with 202. Only these are promised. */
class Customer {
  readonly accepted: string[] = [];
  /** Why the last request that failed did: what a person wants to know when none succeeds any more. */
  lastFailure = 'none';
  readonly #stopping = new AbortController();
  #shopping: Promise<void> | undefined;

  start(): void {
    this.#shopping = this.#shop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#shopping;
  }

  async #shop(): Promise<void> {
    for (let n = 0; !this.#stopping.signal.aborted; n += 1) {
      // A request that fails promised nothing, so it is not counted.
      try {
        this.accepted.push(await (n % 2 === 0 ? overHttp() : overBroker()));
      } catch (error) {
        this.lastFailure = String(error);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function overHttp(): Promise<string> {
  const response = await placeOrder(ebb, [line(EACH)]);
  return expectStatus(response, 201).json<{ orderId: string }>().orderId;
}

async function overBroker(): Promise<string> {
  const data = placedData([line(EACH)]);
  expectStatus(await publishBinary(ebb, data.orderId, data), 202);
  return data.orderId;
}

function expectStatus(response: HttpResult, status: number): HttpResult {
  if (response.status === status) return response;
  throw new Error(`answered ${response.status}: ${response.body}`);
}

interface Victim {
  readonly name: string;
  /** Kills something; whatever must be started again for a person to go on is started here. */
  readonly strike: () => Promise<void>;
}

const victims: readonly Victim[] = [
  { name: 'inventory', strike: () => killService('inventory') },
  { name: 'orders', strike: () => killService('orders') },
  { name: 'the relay', strike: () => killService('relay') },
  { name: 'PostgreSQL', strike: killPostgres },
  { name: 'the runtime', strike: restartRuntime },
];

describe('kill -9 in the middle of orders', () => {
  it.each(victims)(
    'of $name loses nothing and doubles nothing',
    async ({ strike }) => {
      await restock(ebb, 5_000);
      const before = await available(ebb);
      customer.start();
      await eventually(() => customer.accepted.length >= 10, { timeoutMs: 20_000 });
      await strike();
      const soFar = customer.accepted.length;
      await eventually(
        () => {
          if (customer.accepted.length >= soFar + 10) return true;
          throw new Error(`${customer.accepted.length - soFar} orders were taken since; last: ${customer.lastFailure}`);
        },
        { timeoutMs: 60_000 },
      );
      await customer.stop();

      for (const orderId of customer.accepted) {
        const order = await decided(ebb, orderId, 60_000);
        expect({ orderId, status: order.status }).toEqual({ orderId, status: 'confirmed' });
        expect(order.history.filter(({ what }) => what === 'confirmed')).toHaveLength(1);
      }
      await quiet();
      // What was not promised may have taken effect, too (an answer can be lost), but only whole, and only once.
      const confirmed = await confirmedOrders();
      expect(confirmed).toBeGreaterThanOrEqual(customer.accepted.length);
      expect(before - (await available(ebb))).toBe(confirmed * EACH);
      await expectNothingParked();
    },
    180_000,
  );
});

async function killService(name: string): Promise<void> {
  const pid = await eventually(() => processesOf(name)[0], { timeoutMs: 20_000 });
  process.kill(pid, 'SIGKILL');
}

/** Processes whose environment names the service: what `pgrep` and a look would find. */
function processesOf(service: string): readonly number[] {
  return ebb.childPids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`K_SERVICE=${service}`);
    } catch {
      return false;
    }
  });
}

function killPostgres(): Promise<void> {
  const file = join(workspace.root, '.ebb/postgres/data/postmaster.pid');
  process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGKILL');
  return Promise.resolve();
}

async function restartRuntime(): Promise<void> {
  await ebb.kill();
  ebb = await Ebb.start(workspace, ['--no-watch']);
}

interface Status {
  readonly outboxPending: number;
  readonly triggers: readonly { readonly lag: number; readonly inFlight: number }[];
  readonly parked: Readonly<Record<string, number>>;
  readonly deadLetters: number;
}

async function status(): Promise<Status> {
  return (await ebb.http('', '/ebb/v1/status')).json<Status>();
}

async function quiet(): Promise<void> {
  await eventually(
    async () => {
      const { outboxPending, triggers } = await status();
      return outboxPending === 0 && triggers.every(({ lag, inFlight }) => lag === 0 && inFlight === 0);
    },
    { timeoutMs: 60_000, intervalMs: 200 },
  );
}

async function confirmedOrders(): Promise<number> {
  let count = 0;
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const response = await ebb.http('orders', `/orders?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const page: { orders: { status: string }[]; nextCursor?: string } = response.json();
    count += page.orders.filter((order) => order.status === 'confirmed').length;
    cursor = page.nextCursor;
  }
  return count;
}

async function expectNothingParked(): Promise<void> {
  const { parked, deadLetters } = await status();
  expect({ parked: Object.values(parked).reduce((sum, count) => sum + count, 0), deadLetters }).toEqual({
    parked: 0,
    deadLetters: 0,
  });
}
