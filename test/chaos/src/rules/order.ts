import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';
import type { Observed, ObservedKey } from '../observed.ts';

/** The events of a key reach the log as they were emitted, and an ordered function as their client sent them. */
export function order(ledger: Ledger, observed: Observed): readonly Finding[] {
  return [...observed.keys.flatMap(judgeKey), ...asSent(ledger, observed)];
}

/**
 * A relay that died between publishing and writing it down repeats what it published, from the first event that is not written down on, and then
 * goes on: each record is followed by its successor, or by an earlier one. A jump ahead is an event that somebody else published out of turn.
 */
function judgeKey({ key, emitted, logged }: ObservedKey): readonly Finding[] {
  const places = new Map(emitted.map((id, place) => [id, place]));
  const there = new Set(logged);
  const missing = emitted.filter((id) => !there.has(id)).length;
  let last = -1;
  let jumps = 0;
  for (const place of logged.flatMap((id) => places.get(id) ?? [])) {
    if (place > last + 1) jumps += 1;
    last = place;
  }
  return [
    ...(missing === 0 ? [] : [finding('lost', key, `${missing} of its events were emitted and are not in the log`)]),
    ...(jumps === 0 || missing > 0
      ? []
      : [finding('order', key, `${jumps} of its ${logged.length} records are out of turn`)]),
  ];
}

/** Each client sends its own product's restocks one after the other: the quantities tell them apart. */
function asSent({ own, restocks }: Ledger, { entries }: Observed): readonly Finding[] {
  return own.flatMap((sku) => {
    const sent = restocks
      .filter((entry) => entry.sku === sku && entry.outcome === 'promised')
      .map(({ quantity }) => quantity);
    const seen = entries
      .filter(({ fn, subject }) => fn === 'follow' && subject === sku)
      .map(({ quantity }) => quantity);
    const first = [...new Set(seen)];
    const at = sent.findIndex((quantity, nth) => first[nth] !== quantity);
    if (at < 0) return [];
    return [
      finding(
        'order',
        sku,
        `restock ${at + 1} of its client was ${sent[at] ?? 0}, and ${first[at] ?? 'nothing'} took effect then`,
      ),
    ];
  });
}
