import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';
import type { Observed } from '../observed.ts';
import { countBy } from './count.ts';

/** Every delivery of goods that was promised is booked once; one whose answer stayed out, at most once. */
export function restocks(ledger: Ledger, observed: Observed): readonly Finding[] {
  const nameOf = ({ sku, quantity }: { readonly sku: string; readonly quantity: number }) => `${quantity} ${sku}`;
  const promised = countBy(
    ledger.restocks.filter(({ outcome }) => outcome === 'promised'),
    nameOf,
  );
  const possible = countBy(
    ledger.restocks.filter(({ outcome }) => outcome !== 'refused'),
    nameOf,
  );
  const booked = countBy(observed.restocks, nameOf);
  const missing = [...promised].filter(([name, times]) => (booked.get(name) ?? 0) < times);
  const surplus = [...booked].filter(([name, times]) => times > (possible.get(name) ?? 0));
  return [
    ...missing.map(([name, times]) =>
      finding('lost', name, `accepted ${times} times, booked ${booked.get(name) ?? 0} times`),
    ),
    ...surplus.map(([name, times]) =>
      finding('doubled', name, `sent ${possible.get(name) ?? 0} times, booked ${times} times`),
    ),
  ];
}
