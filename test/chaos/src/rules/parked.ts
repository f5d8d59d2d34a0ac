import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';
import type { Observed } from '../observed.ts';

/** What must be put aside is, nothing else is, and a person is shown all of it. */
export function parked({ impostors }: Ledger, observed: Observed): readonly Finding[] {
  const aside = new Set(observed.parked.map(({ eventId }) => eventId));
  const expected = new Set(impostors.filter(({ outcome }) => outcome !== 'refused').map(({ eventId }) => eventId));
  const { shown, deadLetters } = observed;
  return [
    ...impostors
      .filter(({ eventId, outcome }) => outcome === 'promised' && !aside.has(eventId))
      .map(({ eventId, orderId }) =>
        finding('lost', eventId, `an event that fakes order ${orderId} is nowhere put aside`),
      ),
    ...observed.parked
      .filter(({ eventId }) => !expected.has(eventId))
      .map(({ eventId, service, fn, reason, error }) =>
        finding('parked', eventId, `${service}/${fn} put a good event aside (${reason}): ${error}`),
      ),
    ...(shown.parked === observed.parked.length
      ? []
      : [
          finding(
            'parked',
            'status',
            `${observed.parked.length} deliveries are parked, and a person is shown ${shown.parked}`,
          ),
        ]),
    ...(shown.deadLetters === deadLetters
      ? []
      : [finding('parked', 'status', `${deadLetters} dead letters, and a person is shown ${shown.deadLetters}`)]),
    ...(deadLetters === 0
      ? []
      : [finding('parked', 'dead letters', `${deadLetters} good events ended as dead letters`)]),
  ];
}
