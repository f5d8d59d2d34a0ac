import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '@ebb/core';
import { OrderPlaced } from '@ebb/schemas';
import fc from 'fast-check';
import type { Order } from './order.ts';
import { advance } from './progress.ts';
import { isFinal, isMove, reactionTo, type OrderEvent, type OrderStatus } from './transitions.ts';

/** How the others answer. */
interface Answers {
  readonly hasStock: boolean;
  readonly isShippable: boolean;
  /** `silent`: the provider never says anything. */
  readonly payment: 'authorized' | 'declined' | 'silent';
  readonly isCapturable: boolean;
  readonly isCancelled: boolean;
}

/** The others as they are: each reacts to what the order asks, however often and in whatever order it is asked. */
class World {
  order: Order = { ...OrderPlaced.example, status: 'placed', placedAt: '2026-11-21T07:00:00.000Z' };
  stock: 'untouched' | 'reserved' | 'rejected' | 'released' = 'untouched';
  money: 'untouched' | 'held' | 'declined' | 'voided' | 'captured' = 'untouched';
  /** What is on its way: news to the order, and what the order asks of others. */
  readonly underWay: (() => void)[] = [];
  readonly #answers: Answers;

  constructor(answers: Answers) {
    this.#answers = answers;
    this.underWay.push(
      () => this.#reserve(),
      () => this.#tell(answers.isShippable ? 'shipping-quoted' : 'shipping-rejected'),
    );
    if (answers.isCancelled) this.underWay.push(() => this.#cancel());
  }

  #tell(what: OrderEvent): void {
    this.underWay.push(() => this.#take(what));
  }

  #take(what: OrderEvent): void {
    try {
      const news = {
        what,
        at: 'now',
        ...(what === 'shipping-quoted' && { shipping: { minorUnits: 5, currency: 'EUR' } }),
      };
      const order = advance(this.order, news);
      if (!order) return;
      this.order = order;
      this.#react(order.status);
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      this.#tell(what);
    }
  }

  #react(status: OrderStatus): void {
    if (status === 'awaiting-payment') {
      this.underWay.push(
        () => this.#authorize(),
        () => this.#take('window-expired'),
      );
    }
    if (status === 'authorized') this.underWay.push(() => this.#capture());
    if (status === 'voiding') this.underWay.push(() => this.#void());
    if (status === 'releasing') this.underWay.push(() => this.#release());
  }

  #cancel(): void {
    if (isMove(reactionTo(this.order.status, 'cancellation-requested'))) this.#take('cancellation-requested');
  }

  #reserve(): void {
    if (this.stock !== 'untouched') return;
    this.stock = this.#answers.hasStock ? 'reserved' : 'rejected';
    this.#tell(this.#answers.hasStock ? 'stock-reserved' : 'stock-rejected');
  }

  #release(): void {
    this.stock = 'released';
    this.#tell('stock-released');
  }

  #authorize(): void {
    if (this.money !== 'untouched' || this.#answers.payment === 'silent') return;
    this.money = this.#answers.payment === 'authorized' ? 'held' : 'declined';
    this.#tell(this.#answers.payment === 'authorized' ? 'payment-authorized' : 'payment-declined');
  }

  #capture(): void {
    if (this.#answers.isCapturable) this.money = 'captured';
    this.#tell(this.#answers.isCapturable ? 'payment-captured' : 'capture-refused');
    // Shipping hears of the money when the order does, and may be faster.
    if (this.#answers.isCapturable) this.#tell('label-created');
  }

  #void(): void {
    if (this.money !== 'declined') this.money = 'voided';
    this.#tell('payment-voided');
  }
}

const answers: fc.Arbitrary<Answers> = fc.record({
  hasStock: fc.boolean(),
  isShippable: fc.boolean(),
  payment: fc.constantFrom('authorized', 'declined', 'silent'),
  isCapturable: fc.boolean(),
  isCancelled: fc.boolean(),
});

/** Delivers what is under way in the order that the picks say, some of it twice. */
function run(world: World, picks: readonly { readonly at: number; readonly isTwice: boolean }[]): void {
  for (let n = 0; world.underWay.length > 0; n += 1) {
    if (n > 500) throw new Error(`the order stays ${world.order.status}`);
    const pick = picks[n % picks.length];
    const [happen] = world.underWay.splice((pick?.at ?? 0) % world.underWay.length, 1);
    happen?.();
    if (pick?.isTwice && n < 50) happen?.();
  }
}

describe('an order, whatever the others answer, and in whatever order it arrives', () => {
  it('ends, with the money taken and the stock kept, or with neither', () => {
    const picks = fc.array(fc.record({ at: fc.nat({ max: 20 }), isTwice: fc.boolean() }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(answers, picks, (given, order) => {
        const world = new World(given);
        run(world, order);
        const { status, ending } = world.order;
        expect(isFinal(status)).toBe(true);
        if (status === 'confirmed') {
          expect(world).toMatchObject({ stock: 'reserved', money: 'captured' });
          return;
        }
        expect(status).toBe(ending);
        expect(['released', 'rejected', 'untouched']).toContain(world.stock);
        expect(['untouched', 'declined', 'voided']).toContain(world.money);
      }),
      { numRuns: 2_000 },
    );
  });
});
