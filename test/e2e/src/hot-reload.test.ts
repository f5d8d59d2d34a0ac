import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '@ebb/core';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { decided, line, placeOrder, restock } from '@ebb/shop';

let workspace: WorkspaceCopy;
let ebb: Ebb;
let handler: string;
let original: string;

/** On a busy machine the builds of all services take their time. */
const START_DEADLINE_MS = 90_000;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname);
  handler = join(workspace.root, 'apps/orders/src/saga/advance-order.ts');
  original = readFileSync(handler, 'utf8');
  ebb = await Ebb.start(workspace);
}, START_DEADLINE_MS);

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

interface Service {
  readonly name: string;
  readonly revision: string;
}

async function status(): Promise<{ services: Service[]; buildErrors: { service: string; message: string }[] }> {
  return JSON.parse((await ebb.cli(['status', '--json'])).stdout) as Awaited<ReturnType<typeof status>>;
}

async function revision(): Promise<string | undefined> {
  return (await status()).services.find(({ name }) => name === 'orders')?.revision;
}

/** Saves the handler until it is seen: the watcher begins a moment after the start. */
async function save(source: string, seen: () => Promise<boolean>): Promise<void> {
  writeFileSync(handler, source);
  await eventually(seen, { timeoutMs: 60_000, intervalMs: 100 });
}

describe('saving a handler', () => {
  it('makes a new revision that the next event runs, and no event in flight is lost', async () => {
    await restock(ebb, 500);
    const before = await revision();
    const orders: string[] = [];
    const stopAt = new AbortController();
    const load = (async () => {
      while (!stopAt.signal.aborted) {
        orders.push((await placeOrder(ebb, [line(1)])).json<{ orderId: string }>().orderId);
        // A steady customer, who leaves the machine time to build.
        await systemClock.sleep(150);
      }
    })();
    const anew = original.replace('`order ${order.status}`', '`order ${order.status} anew`');
    try {
      await save(anew, async () => (await revision()) !== before);
    } finally {
      stopAt.abort();
      await load;
    }
    expect(orders.length).toBeGreaterThan(0);
    for (const orderId of orders) expect((await decided(ebb, orderId)).status).toBe('confirmed');
  }, 120_000);

  it('with an error shows its place, and the old revision goes on', async () => {
    const before = await revision();
    await save(`${original}\nconst broken: = 1;\n`, async () => (await status()).buildErrors.length > 0);
    const [error] = (await status()).buildErrors;
    expect(error?.service).toBe('orders');
    expect(error?.message).toMatch(/advance-order\.ts:\d+:\d+/);
    expect(await revision()).toBe(before);
    const { orderId } = (await placeOrder(ebb)).json<{ orderId: string }>();
    expect((await decided(ebb, orderId)).status).toBe('confirmed');

    await save(original, async () => (await status()).buildErrors.length === 0);
  }, 180_000);
});
