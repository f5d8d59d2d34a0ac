import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';
import type { Observed } from '../observed.ts';

/** What must be put aside is, nothing else is, and a person is shown all of it. */
export function parked({ impostors }: Ledger, observed: Observed): readonly Finding[] {
  const aside = new Set(observed.parked.map(({ eventId }) => eventId));
  const expected = new Set(impostors.filter(({ outcome }) => outcome !== 'refused').map(({ eventId }) => eventId));
  const { shown, deadLetters } = observed;
  const seen = new Set(shown.map(({ target, eventId }) => `${target} ${eventId}`));
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
    ...observed.parked
      .filter(({ service, fn, eventId }) => !seen.has(`${service}/${fn} ${eventId}`))
      .map(({ eventId, service, fn }) =>
        finding('parked', eventId, `${service}/${fn} put it aside where no person sees it`),
      ),
    ...(shown.length === observed.parked.length + deadLetters
      ? []
      : [
          finding(
            'parked',
            'list',
            `${observed.parked.length + deadLetters} are put aside, and a person is shown ${shown.length}`,
          ),
        ]),
    ...(deadLetters === 0
      ? []
      : [finding('parked', 'dead letters', `${deadLetters} good events ended as dead letters`)]),
  ];
}
