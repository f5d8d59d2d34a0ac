import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { decided, line, placeOrder, restock } from '@ebb/shop';
import type { Bench } from './bench.ts';
import { figure, type Figure } from './figure.ts';

const ROUNDS = 5;
const ORDERS = 200;
const QUICK_ROUNDS = 2;
const QUICK_ORDERS = 50;
const CONCURRENCY = 16;
const DECISION_DEADLINE_MS = 60_000;
const MILLISECONDS_PER_SECOND = 1_000;

/** The whole of it on this machine: how soon `ebb up` is ready, and orders from the request to the confirmation. */
export async function orders({ quick }: Bench): Promise<readonly Figure[]> {
  const workspace = copyWorkspace(import.meta.dirname);
  try {
    const first = await Ebb.start(workspace, ['--no-watch']);
    await first.stop();
    return await measured(workspace, first.readyMs, quick);
  } finally {
    workspace.remove();
  }
}

async function measured(workspace: WorkspaceCopy, firstReadyMs: number, quick: boolean): Promise<readonly Figure[]> {
  const ebb = await Ebb.start(workspace, ['--no-watch']);
  try {
    const [rounds, count] = quick ? [QUICK_ROUNDS, QUICK_ORDERS] : [ROUNDS, ORDERS];
    await restock(ebb, 10_000);
    await orderRate(ebb, QUICK_ORDERS);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1) rates.push(await orderRate(ebb, count));
    return [
      figure('ebb up, the first time, until ready for events', 'ms', [firstReadyMs], { atMost: 5_000 }),
      figure('ebb up, later', 'ms', [ebb.readyMs], { atMost: 2_000 }),
      figure('orders placed over HTTP and confirmed, nine events each', 'orders/s', rates),
    ];
  } finally {
    await ebb.stop();
  }
}

/** Orders per second from the first request to the last confirmation. */
async function orderRate(ebb: Ebb, count: number): Promise<number> {
  const started = performance.now();
  const placed: string[] = [];
  let left = count;
  const customer = async () => {
    while (left > 0) {
      left -= 1;
      const response = await placeOrder(ebb, [line(1)]);
      if (response.status !== 201) throw new Error(`an order was answered ${response.status}: ${response.body}`);
      placed.push(response.json<{ orderId: string }>().orderId);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, customer));
  for (const orderId of placed) {
    const { status } = await decided(ebb, orderId, DECISION_DEADLINE_MS);
    if (status !== 'confirmed') throw new Error(`order ${orderId} is ${status}`);
  }
  return (count / (performance.now() - started)) * MILLISECONDS_PER_SECOND;
}
