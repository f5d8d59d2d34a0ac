import { expect, it } from '@jest/globals';
import { describeWithKafka } from '@ebb/kafka/testing';
import { planOf } from './plan.ts';
import { reportOf } from './report.ts';
import { runPlan } from './run.ts';
import { Target } from './target.ts';
import { chaosWorkspace } from './workspace.ts';

const OUTAGE_MS = 5_000;

describeWithKafka('orders and edits on a Kafka', () => {
  it('are neither lost nor doubled while it is killed, paused, and down for a while', async () => {
    const made = planOf({ seed: 4, events: 90, clients: 6, victims: ['kafka'], strikeEvery: 10_000, outageMs: 0 });
    const plan = {
      ...made,
      strikes: [
        { after: 15, victim: 'kafka', blow: 'kill', forMs: 0 },
        { after: 30, victim: 'relay', blow: 'kill', forMs: 0 },
        { after: 40, victim: 'kafka', blow: 'hold-down', forMs: OUTAGE_MS },
        { after: 60, victim: 'runtime', blow: 'kill', forMs: 0 },
        { after: 75, victim: 'kafka', blow: 'pause', forMs: 1_500 },
      ],
    } as const;
    const target = await Target.start({ workspace: chaosWorkspace(plan), args: ['--kafka', 'embedded'] });
    try {
      const result = await runPlan({ plan, target, forMs: 180_000, restWithinMs: 240_000 });
      expect(result.findings.length === 0 ? '' : reportOf(result)).toBe('');
      expect(result.blows.filter((blow) => blow.result === 'hit').length).toBeGreaterThan(3);
    } finally {
      await target.close();
    }
  }, 600_000);
});
