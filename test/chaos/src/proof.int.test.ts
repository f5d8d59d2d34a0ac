import { describe, expect, it } from '@jest/globals';
import { FAULTS, inject, SLOW_LOG, SLOW_RELAY } from './faults.fixture.ts';
import type { FindingKind } from './finding.ts';
import { planOf, type Action, type Plan } from './plan.ts';
import { reportOf } from './report.ts';
import { runPlan, type RunResult } from './run.ts';
import { Target } from './target.ts';
import { chaosWorkspace } from './workspace.ts';

/** Nobody is struck: duplicates, and two relays, are enough to do harm. That a slow log alone does none is shown by the test of outages. */
function calmPlan(events: number, wanted: (action: Action) => boolean = () => true): Plan {
  const plan = planOf({ seed: 1, events, clients: 4, victims: ['orders'], strikeEvery: events * 2, outageMs: 0 });
  return { ...plan, actions: plan.actions.filter(wanted) };
}

async function runWith(plan: Plan, statements: readonly string[]): Promise<RunResult> {
  const target = await Target.start({ workspace: chaosWorkspace(plan) });
  try {
    await inject(target.databaseUrl(), statements);
    return await runPlan({ plan, target, forMs: 30_000, restWithinMs: 20_000 });
  } finally {
    await target.close();
  }
}

/** Many events of few keys. One relay overtakes the other some ten times on the way; a handful of events may come through in order by luck. */
const restocks = calmPlan(3_000, ({ kind }) => kind === 'restock');

describe('what delivery rests on', () => {
  it.each<[keyof typeof FAULTS, FindingKind, Plan, string]>([
    ['no inbox', 'doubled', calmPlan(60), SLOW_LOG],
    ['no shard lock', 'order', restocks, SLOW_RELAY],
  ])(
    'is missed when it is taken away: %s (%s)',
    async (fault, kind, plan, slowness) => {
      const result = await runWith(plan, [...FAULTS[fault], slowness]);
      const kinds = new Set(result.findings.map((found) => found.kind));
      expect(kinds.has(kind) ? kind : reportOf(result)).toBe(kind);
    },
    300_000,
  );
});
