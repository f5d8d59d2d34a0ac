import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';
import type { Observed, ObservedStock } from '../observed.ts';
import { unitsBySku } from './count.ts';

/** Units are conserved: what is there is what was there and came in; what is set aside is what confirmed orders want. */
export function stock(ledger: Ledger, observed: Observed): readonly Finding[] {
  const cameIn = unitsBySku(observed.restocks);
  const wanted = unitsBySku(
    observed.orders.filter(({ status }) => status === 'confirmed').flatMap(({ lines }) => lines),
  );
  const levels = new Map(observed.stock.map((level) => [level.sku, level]));
  return [...ledger.opening].flatMap(([sku, opening]) => {
    const level = levels.get(sku);
    if (!level) return [finding('lost', sku, 'the product is not there')];
    return judge(level, opening + (cameIn.get(sku) ?? 0), wanted.get(sku) ?? 0);
  });
}

function judge({ sku, onHand, reserved }: ObservedStock, expected: number, wanted: number): readonly Finding[] {
  return [
    ...(onHand === expected ? [] : [finding('stock', sku, `${onHand} on hand, and there should be ${expected}`)]),
    ...(reserved === wanted
      ? []
      : [finding('stock', sku, `${reserved} set aside, and confirmed orders want ${wanted}`)]),
    ...(reserved <= onHand ? [] : [finding('stock', sku, `${reserved} set aside of ${onHand} on hand: oversold`)]),
  ];
}
