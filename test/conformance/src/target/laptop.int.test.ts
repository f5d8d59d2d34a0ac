import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import { addressOfNobody, BROKEN, conformance, NEVER, scenarioWith, whileStopped } from './installation.fixture.ts';

let workspace: WorkspaceCopy;
let ebb: Ebb;
let target: { TARGET_URL: string };
beforeAll(async () => {
  // No shipping: what the scenario does not need.
  workspace = copyWorkspace(import.meta.dirname, { apps: ['orders', 'inventory', 'relay'] });
  ebb = await Ebb.start(workspace, ['--no-watch'], { readyWithinMs: 120_000 });
  target = { TARGET_URL: `http://localhost:${ebb.port}` };
}, 150_000);
afterAll(async () => {
  await ebb.stop();
  workspace.remove();
}, 60_000);

describe('an ebb up', () => {
  it('passes, each event with one trace that holds all hops', async () => {
    const { verdicts, broken, said } = await conformance(target);
    expect({ broken, said }).toEqual({ broken: {}, said: expect.stringMatching(/^ok {6}http: .*^ok {6}topic: /ms) });
    for (const { passed } of verdicts) {
      expect(passed?.services).toEqual(expect.arrayContaining(['inventory', 'orders', 'relay']));
      expect(said).toContain(`one trace: ${passed?.traceId ?? '?'}, ${passed?.spans ?? 0} spans of`);
    }
    expect(new Set(verdicts.map(({ passed }) => passed?.traceId)).size).toBe(2);
  }, 150_000);
});

describe('the link that is broken', () => {
  it('is named, with why, and where to look', async () => {
    // All at once: some of them pass, and take their time on a slow machine.
    const within = { TIMEOUT: '12s' };
    const nobody = await addressOfNobody();
    const [ingress, broker, trigger, filter, silent, trace, stranger] = await Promise.all([
      conformance({ ...target, ...within, INGRESS_URL: nobody }),
      conformance({ ...target, ...within, INGRESS_URL: `${target.TARGET_URL}/broker/elsewhere` }),
      conformance(
        { ...target, ...within },
        scenarioWith({ service: 'shipping', function: 'quote-shipping', emits: NEVER }),
      ),
      // Nobody is woken by this one.
      conformance(
        { ...target, ...within },
        scenarioWith({}, { type: 'dev.ebb.orders.order.rejected.v1', data: { orderId: '{{id}}', reason: 'a test' } }),
      ),
      conformance(
        { ...target, ...within },
        scenarioWith({ service: 'orders', function: 'record-order', emits: NEVER }),
      ),
      conformance({ ...target, ...within, JAEGER_URL: nobody }),
      conformance({ ...target, ...within, JAEGER_URL: `${target.TARGET_URL}/elsewhere` }),
    ]);
    expect(ingress.broken).toEqual({ http: 'ingress' });
    expect(ingress.said).toMatch(/BROKEN {2}http: ingress: .*127\.0\.0\.1:\S* cannot be reached: .*ECONNREFUSED/);
    expect(broker.broken).toEqual({ http: 'ingress' });
    expect(broker.said).toContain('answered 404: there is no such broker');
    expect(trigger.broken).toEqual({ http: 'trigger', topic: 'trigger' });
    expect(trigger.said).toContain('there is no Trigger shipping-quote-shipping');
    expect(trigger.said).toContain('look: npx ebb status');
    expect(filter.broken).toEqual({ http: 'trigger', topic: 'trigger' });
    expect(filter.said).toContain('Trigger inventory-reserve-stock passed it over');
    expect(silent.broken).toEqual({ http: 'function', topic: 'function' });
    expect(silent.said).toContain('orders/record-order ran, and emitted no dev.ebb.orders.order.forgotten.v1');
    expect(trace.broken).toEqual({ http: 'trace', topic: 'trace' });
    expect(trace.said).toMatch(/all events came, and traces cannot be asked for: .*ECONNREFUSED/);
    expect(stranger.said).toContain('this is no query API of Jaeger');
  }, 150_000);

  it('is the relay, when none publishes', async () => {
    const { broken, said } = await whileStopped(ebb, 'relay', () => conformance({ ...target, TIMEOUT: BROKEN }));
    expect(broken).toEqual({ http: 'relay', topic: 'relay' });
    expect(said).toContain('inventory/reserve-stock committed dev.ebb.inventory.stock.rejected.v1 to its outbox');
    expect(said).toContain('look: cat .ebb/logs/relay.log');
  }, 150_000);

  it('is the function, when it does not answer', async () => {
    // It may have gone to sleep.
    expect((await ebb.http('inventory', '/stock/MUG-BLUE')).status).toBe(200);
    const { broken, said } = await whileStopped(ebb, 'inventory', () => conformance({ ...target, TIMEOUT: BROKEN }));
    expect(broken).toEqual({ http: 'function', topic: 'function' });
    expect(said).toContain('inventory/reserve-stock did not answer it within 6 s');
  }, 150_000);

  it('is none again, when all that was broken is well', async () => {
    expect((await conformance({ ...target, ATTEMPTS: '2' })).broken).toEqual({});
  }, 150_000);
});
