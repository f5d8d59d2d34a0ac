import { describe, expect, it } from '@jest/globals';
import type { StoredSpan } from '@ebb/traces';
import { clusterHints, resourceName } from './cluster.ts';
import { diagnose } from './diagnose.ts';
import { SHOP } from './scenario.ts';
import type { Target, TriggerState } from './target.ts';

const [link] = SHOP.chain;
const TRACE = 'a'.repeat(32);

function span(service: string, name: string, status: StoredSpan['status'] = { code: 'unset' }): StoredSpan {
  return {
    traceId: TRACE,
    spanId: 'b'.repeat(16),
    service,
    name,
    kind: 'internal',
    startNs: 0n,
    endNs: 1n,
    status,
    attributes: {},
    events: [],
    links: [],
    resource: {},
  };
}

/** A cluster of which only this is known. */
function found(state: TriggerState, trace: readonly StoredSpan[] | Error) {
  const target: Pick<Target, 'hints' | 'trace' | 'triggerState'> = {
    hints: clusterHints('shop', 'a-'),
    triggerState: () => Promise.resolve(state),
    trace: () => (trace instanceof Error ? Promise.reject(trace) : Promise.resolve(trace)),
  };
  const cause = { topic: 'orders', type: SHOP.event.type, id: 'e-1', subject: 'e-1' };
  return diagnose(target, { link: link!, cause, traceId: TRACE, waitedMs: 60_000 });
}

const RAN = span('inventory', 'process reserve-stock');
const FAILED = span('inventory', 'process reserve-stock', { code: 'error', message: 'no such table' });
const EMITTED = span('inventory', 'emit dev.ebb.inventory.stock.rejected.v1');
const PUBLISHED = span('relay', 'publish inventory');

describe('an event that got lost', () => {
  it.each([
    ['no Trigger ever took one', 'missing', [], 'trigger', 'there is no Trigger inventory-reserve-stock'],
    ['the Trigger does not come past it', 'behind', [], 'function', 'does not start, or hangs'],
    ['the Trigger is past it, and nothing ran', 'past', [], 'trigger', 'passed it over'],
    ['another function ran', 'past', [span('orders', 'process reserve-stock')], 'trigger', 'passed it over'],
    ['the function failed each time', 'behind', [FAILED, FAILED], 'function', 'failed at it: no such table'],
    [
      'the function emitted nothing',
      'past',
      [FAILED, RAN],
      'function',
      'emitted no dev.ebb.inventory.stock.rejected.v1',
    ],
    ['no relay published', 'past', [RAN, EMITTED], 'relay', 'to its outbox, and no relay published it within 60 s'],
    ['it was published', 'past', [RAN, EMITTED, PUBLISHED], 'derived event', 'not seen in the topic inventory'],
    [
      'no trace tells, the Trigger is past it',
      'past',
      new Error('ECONNREFUSED'),
      'function',
      'cannot be told: ECONNREFUSED',
    ],
    ['no trace tells, no Trigger took it', 'missing', new Error('ECONNREFUSED'), 'trigger', 'there is no Trigger'],
    ['nothing is known', 'unknown', [], 'trigger', 'was not given'],
  ] as const)('when %s', async (_when, state, trace, where, said) => {
    const broken = await found(state, trace);
    expect([broken.link, broken.message]).toEqual([where, expect.stringContaining(said)]);
    expect(broken.look.length).toBeGreaterThan(0);
  });

  it('is looked for with commands of the release', async () => {
    expect((await found('missing', [])).look).toContain('kubectl describe trigger a-inventory-reserve-stock -n shop');
    expect((await found('past', [RAN, EMITTED])).look).toContain('kubectl get deployment a-relay -n shop');
  });
});

describe('the name of a resource', () => {
  it('is cut as the chart cuts it', () => {
    expect(resourceName('green-', 'orders')).toBe('green-orders');
    // What the helper ebb.name gives.
    expect(resourceName('a-prefix-as-long-as-it-may-be--', 'a-service-a-function-with-a-rather-long-name')).toBe(
      'a-prefix-as-long-as-it-may-be--a-service-a-function-wi-46cf0f87',
    );
  });
});
