import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { decided, placeOrder } from '@ebb/shop';

let workspace: WorkspaceCopy;
let ebb: Ebb;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname);
  ebb = await Ebb.start(workspace, ['--no-watch']);
});

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

async function states(): Promise<Record<string, string>> {
  const { stdout } = await ebb.cli(['status', '--json']);
  const { services } = JSON.parse(stdout) as { services: { name: string; state: string }[] };
  return Object.fromEntries(services.map(({ name, state }) => [name, state]));
}

describe('an idle service', () => {
  it("goes to zero with Knative's timing, its worker stays, and the next event wakes it", async () => {
    const { orderId } = (await placeOrder(ebb)).json<{ orderId: string }>();
    await decided(ebb, orderId);
    const idleSince = Date.now();
    await eventually(async () => (await states()).inventory === 'zero', { timeoutMs: 150_000, intervalMs: 500 });
    // 60 s window and 30 s grace, and not a moment sooner.
    expect(Date.now() - idleSince).toBeGreaterThan(85_000);
    expect((await states()).relay).toBe('ready');

    const woken = (await placeOrder(ebb)).json<{ orderId: string }>();
    expect((await decided(ebb, woken.orderId)).status).toBe('confirmed');
    expect((await states()).inventory).toBe('ready');
  }, 200_000);
});
