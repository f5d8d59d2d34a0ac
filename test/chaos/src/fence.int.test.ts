import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/test-database';
import { LEASE_LIBS, stopClocks, takeFence } from './faults.fixture.ts';
import { Outside } from './outside.fixture.ts';
import { planOf, type OrderAction, type Plan } from './plan.ts';
import { reportOf } from './report.ts';
import { orderRequest } from './requests.ts';
import { runPlan, type RunResult } from './run.ts';
import { Target } from './target.ts';
import { changeFile, chaosWorkspace } from './workspace.ts';

/** One order, published to the broker. */
function onePlan(): Plan {
  const plan = planOf({ seed: 1, events: 20, clients: 1, victims: ['orders'], strikeEvery: 1_000, outageMs: 0 });
  const order = plan.actions.find(
    (action): action is OrderAction => action.kind === 'order' && action.via === 'broker',
  );
  if (!order) throw new Error('the plan has no order for the broker');
  // Its last digit decides whether the witness naps, which it had better not do here.
  const orderId = `${order.orderId.slice(0, -1)}f`;
  return {
    ...plan,
    events: 1,
    actions: [{ ...order, orderId, card: 'tok_ok', country: 'DE', copies: 1, again: false, insists: true }],
  };
}

/**
 * A process of the witness is stopped in the middle of an order, and its lease runs out. The same event comes again, another process takes it over and
 * ends it; then the first one goes on.
 */
async function zombie(fence: 'fence' | 'no fence'): Promise<RunResult> {
  const plan = onePlan();
  const outside = await Outside.open();
  const env = { witness: { OUTSIDE_URL: outside.url } };
  const workspace = chaosWorkspace({ ...plan, libs: LEASE_LIBS, env });
  stopClocks(workspace);
  if (fence === 'no fence') takeFence(workspace);
  const witness = join(workspace.root, 'apps/witness/src/main.ts');
  changeFile(witness, "timeout: '10s',\n  lease: '15s'", "timeout: '2s',\n  lease: '3s'");
  // One request for each process, so that what comes again comes to another one.
  changeFile(
    witness,
    "database: { migrations: 'migrations' }",
    "database: { migrations: 'migrations' }, concurrency: 1, scale: { min: 2 }",
  );
  const giveUp = new AbortController();
  let target: Target | undefined;
  try {
    target = await Target.start({ workspace });
    const running = runPlan({ plan, target, forMs: 60_000, restWithinMs: 60_000, signal: giveUp.signal });
    running.catch(() => undefined);
    await Promise.race([eventually(() => outside.calls === 1, { timeoutMs: 60_000 }), running]);
    for (const action of plan.actions) if (action.kind === 'order') await target.send(orderRequest(action));
    await Promise.race([eventually(() => outside.calls === 2, { timeoutMs: 60_000 }), running]);
    outside.wake();
    return await running;
  } finally {
    giveUp.abort();
    outside.close();
    await target?.close();
  }
}

describe('a process that comes back after its lease, and does not know it', () => {
  it('does nothing any more', async () => {
    const result = await zombie('fence');
    expect(result.findings.length === 0 ? '' : reportOf(result)).toBe('');
  }, 300_000);

  it('would double what it does, and the checker sees it', async () => {
    const result = await zombie('no fence');
    const kinds = new Set(result.findings.map(({ kind }) => kind));
    expect(kinds.has('doubled') ? 'doubled' : reportOf(result)).toBe('doubled');
  }, 300_000);
});
