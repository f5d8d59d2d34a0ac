import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planOf, type PlanOptions } from './plan.ts';
import { VICTIMS } from './strikes.ts';

const some: Omit<PlanOptions, 'seed'> = { events: 500, clients: 5, victims: VICTIMS, strikeEvery: 25, outageMs: 1_000 };

describe('a plan', () => {
  it('follows from its seed, and another seed has another', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const plan = planOf({ ...some, seed });
        expect(planOf({ ...some, seed })).toEqual(plan);
        expect(planOf({ ...some, seed: seed + 1 }).actions).not.toEqual(plan.actions);
      }),
      { numRuns: 5 },
    );
  });

  it('does the same, whoever is struck', () => {
    const { actions } = planOf({ ...some, seed: 1 });
    expect(planOf({ ...some, seed: 1, victims: ['orders'], strikeEvery: 100 }).actions).toEqual(actions);
  });

  it('has orders of all kinds, restocks, cancellations, impostors and replays', () => {
    const { actions } = planOf({ ...some, seed: 2 });
    expect(new Set(actions.map((action) => (action.kind === 'order' ? action.via : action.kind)))).toEqual(
      new Set(['id', 'key', 'broker', 'restock', 'cancel', 'impostor', 'replay']),
    );
    expect(new Set(actions.map(({ copies, again }) => `${copies} ${again}`))).toEqual(
      new Set(['1 false', '1 true', '2 false', '3 false', '4 false', '5 false']),
    );
    expect(new Set(actions.flatMap((action) => (action.kind === 'order' ? action.orderId : []))).size).toBe(
      actions.filter(({ kind }) => kind === 'order').length,
    );
  });

  it("restocks a client's own product in quantities that tell apart, and refers to what the client did before", () => {
    const { actions, products } = planOf({ ...some, seed: 3 });
    for (const [client, sku] of products.own.entries()) {
      const quantities = actions.flatMap((action) =>
        action.kind === 'restock' && action.sku === sku ? action.quantity : [],
      );
      expect(quantities).toEqual(quantities.map((_, nth) => nth + 1));
      const mine = actions.filter((action) => action.client === client);
      for (const action of mine) {
        if (action.kind === 'order' || action.kind === 'restock') continue;
        const earlier = new Set(mine.filter(({ n }) => n < action.n).map(({ n }) => n));
        expect([action.of].flat().every((n) => earlier.has(n))).toBe(true);
      }
    }
  });

  it('strikes every victim, in the order of events, and holds each store down once', () => {
    const { strikes } = planOf({ ...some, seed: 4 });
    expect(new Set(strikes.map(({ victim }) => victim))).toEqual(new Set(VICTIMS));
    expect(strikes.map(({ after }) => after)).toEqual(strikes.map(({ after }) => after).toSorted((a, b) => a - b));
    expect(
      strikes
        .filter(({ blow }) => blow === 'hold-down')
        .map(({ victim }) => victim)
        .toSorted(),
    ).toEqual(['kafka', 'postgres']);
    expect(planOf({ ...some, seed: 4, outageMs: 0 }).strikes.some(({ blow }) => blow === 'hold-down')).toBe(false);
  });
});
