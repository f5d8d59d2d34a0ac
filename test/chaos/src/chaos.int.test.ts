import { randomInt } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { planOf } from './plan.ts';
import { reportOf } from './report.ts';
import { runPlan } from './run.ts';
import { VICTIMS } from './strikes.ts';
import { Target } from './target.ts';
import { chaosWorkspace } from './workspace.ts';

const victims = VICTIMS.filter((victim) => victim !== 'kafka');
const MAX_SEED = 4_294_967_295;

describe('orders and edits while everything is killed and paused', () => {
  it.each([
    ['a fixed seed', 20_261_121],
    // Printed when something is found; `npm run chaos -- --seed …` has the same plan again.
    ['a random seed', randomInt(MAX_SEED)],
  ])(
    'are neither lost nor doubled, with %s',
    async (_which, seed) => {
      const plan = planOf({ seed, events: 140, clients: 6, victims, strikeEvery: 13, outageMs: 2_000 });
      const target = await Target.start({ workspace: chaosWorkspace(plan) });
      try {
        const result = await runPlan({ plan, target, forMs: 90_000, restWithinMs: 240_000 });
        expect(result.findings.length === 0 ? '' : reportOf(result)).toBe('');
        // A slow machine gets less far in that time.
        expect(result.ledger.orders.length).toBeGreaterThan(10);
        expect(result.blows.filter((blow) => blow.result === 'hit').length).toBeGreaterThan(1);
      } finally {
        await target.close();
      }
    },
    600_000,
  );
});
