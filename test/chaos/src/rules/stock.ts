import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';
import type { Observed, ObservedStock } from '../observed.ts';
import { unitsBySku } from './count.ts';
import { hasLeft, holds } from './ends.ts';

/** Units are conserved: those on hand are those that were there and came in without those that left; those set aside are held for some order. */
export function stock(ledger: Ledger, observed: Observed): readonly Finding[] {
  const cameIn = unitsBySku(observed.restocks);
  const held = observed.reservations.filter(holds);
  const left = unitsBySku(held.filter(hasLeft).flatMap(({ items }) => items));
  const aside = unitsBySku(held.filter((reservation) => !hasLeft(reservation)).flatMap(({ items }) => items));
  const levels = new Map(observed.stock.map((level) => [level.sku, level]));
  return [...ledger.opening].flatMap(([sku, opening]) => {
    const level = levels.get(sku);
    if (!level) return [finding('lost', sku, 'the product is not there')];
    return judge(level, opening + (cameIn.get(sku) ?? 0) - (left.get(sku) ?? 0), aside.get(sku) ?? 0);
  });
}

function judge({ sku, onHand, reserved }: ObservedStock, expected: number, aside: number): readonly Finding[] {
  return [
    ...(onHand === expected ? [] : [finding('stock', sku, `${onHand} on hand, and there should be ${expected}`)]),
    ...(reserved === aside ? [] : [finding('stock', sku, `${reserved} set aside, and orders hold ${aside}`)]),
    ...(reserved <= onHand ? [] : [finding('stock', sku, `${reserved} set aside of ${onHand} on hand: oversold`)]),
  ];
}
