import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inject, SLOW_LOG } from './faults.fixture.ts';
import { planOf, type Action, type Plan } from './plan.ts';
import { reportOf } from './report.ts';
import { runPlan, type RunResult } from './run.ts';
import { Target } from './target.ts';
import { chaosWorkspace } from './workspace.ts';

const OUTAGE_MS = 4_000;
const AT_ONCE = 50;

/** The first action of each kind is sent fifty times at once. Nobody is struck, but PostgreSQL goes away for a while. */
function plan(): Plan {
  const made = planOf({ seed: 50, events: 70, clients: 6, victims: ['postgres'], strikeEvery: 10_000, outageMs: 1 });
  const kindOf = (action: Action): string => (action.kind === 'order' ? action.via : action.kind);
  const first = (action: Action): boolean => made.actions.find((other) => kindOf(other) === kindOf(action)) === action;
  const actions = made.actions.map((action) =>
    first(action) ? { ...action, insists: true, copies: AT_ONCE } : action,
  );
  return { ...made, actions, strikes: [{ after: 20, victim: 'postgres', blow: 'hold-down', forMs: OUTAGE_MS }] };
}

let result: RunResult;
let target: Target | undefined;

beforeAll(async () => {
  const outage = plan();
  target = await Target.start({ workspace: chaosWorkspace(outage) });
  await inject(target.databaseUrl(), [SLOW_LOG]);
  result = await runPlan({ plan: outage, target, forMs: 150_000, restWithinMs: 180_000 });
}, 600_000);
afterAll(() => target?.close(), 60_000);

describe('while PostgreSQL is down', () => {
  it('loses nothing that was accepted, and recovers without a hand', () => {
    expect(result.blows).toMatchObject([{ result: 'hit' }]);
    expect(result.findings.length === 0 ? '' : reportOf(result)).toBe('');
    expect(result.ledger.orders.every(({ outcome, via }) => outcome === 'promised' || via !== 'key')).toBe(true);
  });

  it('answers 503 and when to come again, or takes the request', () => {
    const { statuses, badAnswers } = result.ledger;
    expect(badAnswers).toEqual([]);
    expect(statuses.get('503')).toBeGreaterThan(0);
  });
});

describe('fifty of the same request at once', () => {
  it('have one effect', () => {
    const { actions } = result.plan;
    const events = actions.filter((action) => action.copies === AT_ONCE);
    expect(events.map(({ kind }) => kind).toSorted()).toEqual(
      expect.arrayContaining(['order', 'order', 'order', 'restock']),
    );
    for (const event of events) {
      const subject = event.kind === 'order' && event.via !== 'key' ? event.orderId : undefined;
      const placed = result.observed.entries.filter(
        (entry) => entry.fn === 'book' && entry.subject === subject && entry.type.endsWith('placed.v1'),
      );
      if (subject !== undefined) expect(placed).toHaveLength(1);
    }
    const keys = result.observed.orders.map(({ orderId }) => orderId);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
