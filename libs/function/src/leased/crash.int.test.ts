import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { End } from './agency.fixture.ts';
import { LeasedService } from './leased-service.fixture.ts';
import { runWorkflow, type Part, type SagaPart, type Workflow } from './workflow.fixture.ts';

const part = (kind: Part['kind'], ...ends: readonly End[]): Part => ({ kind, ends });
const saga = (fails: boolean, ...parts: readonly Part[]): SagaPart => ({ kind: 'saga', parts, fails, undoEnds: [] });

const BOOKING: Workflow = [part('unkeyed'), saga(true, part('keyed'), part('transaction'))];
const NAP: Workflow = [part('sleep')];

/** More than any run of them sends. */
const MANY = 300;

let service: LeasedService;

beforeAll(async () => {
  service = await LeasedService.open();
});
afterAll(() => service.close());

describe('a leased function whose process is killed', () => {
  it.each([
    ['steps and a saga that is taken back', BOOKING, 20],
    ['a sleep', NAP, 10],
  ])(
    'comes to the same end, whichever message to PostgreSQL was its last one: %s',
    async (_what, workflow, least) => {
      const expected = await runWorkflow(service, workflow);
      expect(expected).toMatchObject({ status: 'done', killed: 0 });
      let nth = 1;
      for (; nth < MANY; nth += 1) {
        // With its last message on the way, and with it having arrived.
        for (const death of [-nth, nth]) {
          const result = await runWorkflow(service, workflow, [death]);
          expect({ death, ...result }).toEqual({ death, ...expected, killed: result.killed });
          if (result.killed > 0) continue;
          expect(nth).toBeGreaterThan(least);
          return;
        }
      }
      throw new Error(`it was still killed by message ${MANY}`);
    },
    120_000,
  );

  it('comes to the same end, whatever it does and however often it dies', async () => {
    const ends = fc.array(fc.constantFrom<End>('says not now', 'answer is lost', 'request is lost'), { maxLength: 1 });
    const parts = fc.record({
      kind: fc.constantFrom('keyed', 'unkeyed', 'transaction', 'sleep' as const),
      ends,
      isNoted: fc.constant(true),
    });
    const sagas = fc.record({
      kind: fc.constant('saga' as const),
      parts: fc.array(parts, { maxLength: 3 }),
      fails: fc.boolean(),
      undoEnds: ends,
    });
    const workflows = fc.array(fc.oneof(parts, sagas), { minLength: 1, maxLength: 3 });
    const deaths = fc.array(
      fc.integer({ min: -40, max: 40 }).filter((message) => message !== 0),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(workflows, deaths, async (workflow, schedule) => {
        const expected = await runWorkflow(service, workflow);
        const result = await runWorkflow(service, workflow, schedule);
        expect(result).toEqual({ ...expected, killed: result.killed });
        expect(result.status).toBe('done');
        expect(new Set(result.effects).size).toBe(result.effects.length);
        expect(new Set(result.rows).size).toBe(result.rows.length);
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});
