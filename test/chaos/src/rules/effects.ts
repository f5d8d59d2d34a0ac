import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';
import type { Observed } from '../observed.ts';
import { countBy, unitsBySku } from './count.ts';

/** What the witness takes. */
const BOOKED = /\.order\.(placed|confirmed)\.v1$|\.stock\.restocked\.v1$/;

/** Every event took effect exactly once at a function that notices no duplicate by itself; and nothing was left behind on the way. */
export function effects(_ledger: Ledger, observed: Observed): readonly Finding[] {
  const { events, entries, unpublished } = observed;
  const booked = countBy(entries, ({ source, eventId }) => `${source} ${eventId}`);
  const due = events.filter(({ type }) => BOOKED.test(type));
  const known = new Set(events.map(({ source, id }) => `${source} ${id}`));
  return [
    ...due.flatMap(({ source, id, type }) => {
      const times = booked.get(`${source} ${id}`) ?? 0;
      if (times === 1) return [];
      return [finding(times === 0 ? 'lost' : 'doubled', id, `${type} took effect ${times} times`)];
    }),
    ...[...booked.keys()]
      .filter((name) => !known.has(name))
      .map((name) => finding('invented', name, 'an effect without an event')),
    ...restocksTold(observed),
    ...(unpublished === 0
      ? []
      : [finding('stuck', 'outbox', `${unpublished} events were emitted and never published`)]),
  ];
}

/** What came in, as the inventory has it and as the witness added it up from events. */
function restocksTold({ restocks, tally }: Observed): readonly Finding[] {
  const told = unitsBySku(tally);
  const cameIn = unitsBySku(restocks);
  return [...new Set([...told.keys(), ...cameIn.keys()])].flatMap((sku) => {
    const [units, expected] = [told.get(sku) ?? 0, cameIn.get(sku) ?? 0];
    return units === expected ? [] : [finding('stock', sku, `${expected} came in, and its events add up to ${units}`)];
  });
}
