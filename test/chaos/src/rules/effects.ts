import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';
import type { Observed } from '../observed.ts';
import { countBy, unitsBySku } from './count.ts';

/** What each function of the witness takes. */
const TAKES: Readonly<Record<string, RegExp>> = {
  book: /\.order\.(placed|confirmed)\.v1$/,
  follow: /\.stock\.restocked\.v1$/,
  carry: /\.order\.placed\.v1$/,
};

/** Every event took effect exactly once at functions that notice no duplicate by themselves; and nothing was left behind on the way. */
export function effects(_ledger: Ledger, observed: Observed): readonly Finding[] {
  const { unpublished, unfinished } = observed;
  return [
    ...Object.entries(TAKES).flatMap(([fn, types]) => effectsOf(fn, types, observed)),
    ...restocksTold(observed),
    ...(unpublished === 0
      ? []
      : [finding('stuck', 'outbox', `${unpublished} events were emitted and never published`)]),
    ...(unfinished === 0 ? [] : [finding('stuck', 'inbox', `${unfinished} deliveries were begun and never finished`)]),
  ];
}

function effectsOf(fn: string, types: RegExp, { events, entries }: Observed): readonly Finding[] {
  const booked = countBy(
    entries.filter((entry) => entry.fn === fn),
    ({ source, eventId }) => `${source} ${eventId}`,
  );
  const due = events.filter(({ type }) => types.test(type));
  const known = new Set(due.map(({ source, id }) => `${source} ${id}`));
  return [
    ...due.flatMap(({ source, id, type }) => {
      const times = booked.get(`${source} ${id}`) ?? 0;
      if (times === 1) return [];
      return [finding(times === 0 ? 'lost' : 'doubled', id, `${type} took effect ${times} times at ${fn}`)];
    }),
    ...[...booked.keys()]
      .filter((name) => !known.has(name))
      .map((name) => finding('invented', name, `an effect at ${fn} without an event`)),
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
