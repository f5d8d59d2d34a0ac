import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { decided, line, placeOrder } from '@ebb/shop';

const SHOP = ['orders', 'inventory', 'payments', 'payment-provider', 'shipping'];

let workspace: WorkspaceCopy;
let ebb: Ebb;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname, { apps: [...SHOP, 'relay', 'gateway'] });
  ebb = await Ebb.start(workspace, ['--no-watch']);
});

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

interface Service {
  readonly name: string;
  readonly state: string;
  readonly ready: number;
}

async function service(name: string): Promise<Service> {
  const { services } = (await ebb.http('', '/ebb/v1/status')).json<{ services: Service[] }>();
  return services.find((each) => each.name === name) ?? { name, state: 'unknown', ready: 0 };
}

describe('an idle service', () => {
  it("goes to zero with Knative's timing, its worker stays, and the next request and event wake it", async () => {
    const { orderId } = (await placeOrder(ebb)).json<{ orderId: string }>();
    await decided(ebb, orderId);
    const idleSince = Date.now();
    const wait = { timeoutMs: 60_000, intervalMs: 250 };
    await eventually(async () => (await service('inventory')).state === 'zero', { ...wait, timeoutMs: 90_000 });
    // A window of 60 s without a request; then the last process stays for the grace period of 30 s.
    expect(Date.now() - idleSince).toBeGreaterThan(58_000);
    await eventually(async () => (await service('inventory')).ready === 0, wait);
    expect(Date.now() - idleSince).toBeGreaterThan(88_000);
    expect(Date.now() - idleSince).toBeLessThan(110_000);
    expect((await service('relay')).state).toBe('ready');
    await eventually(async () => (await service('orders')).ready === 0, wait);

    // A gateway is always there, and waits for the service that it wakes.
    const answer = await ebb.http('gateway', '/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ lines: [line()] }),
    });
    expect(answer.status).toBe(201);
    const woken = answer.json<{ orderId: string }>();
    expect((await decided(ebb, woken.orderId)).status).toBe('confirmed');
    expect((await service('inventory')).state).toBe('ready');
  }, 200_000);
});
