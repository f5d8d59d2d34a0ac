import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';
import type { Observed, ObservedKey } from '../observed.ts';

/** The events of a key reach the log as they were emitted, and an ordered function as their client sent them. */
export function order(ledger: Ledger, observed: Observed): readonly Finding[] {
  return [...observed.keys.flatMap(judgeKey), ...asSent(ledger, observed)];
}

function judgeKey({ key, emitted, logged }: ObservedKey): readonly Finding[] {
  const there = new Set(logged);
  const expected = emitted.filter((id) => there.has(id));
  const missing = emitted.length - expected.length;
  const at = expected.findIndex((id, nth) => logged[nth] !== id);
  return [
    ...(missing === 0 ? [] : [finding('lost', key, `${missing} of its events were emitted and are not in the log`)]),
    ...(at < 0
      ? []
      : [finding('order', key, `event ${at + 1} of ${expected.length} is not the one that was emitted then`)]),
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
