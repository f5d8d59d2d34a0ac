import { FINDING_KINDS, type Finding } from './finding.ts';
import type { Outcome } from './ledger.ts';
import { countBy, unitsBySku } from './rules/count.ts';
import { hasLeft } from './rules/ends.ts';
import type { RunResult } from './run.ts';

const EXAMPLES = 5;

/** What a run came to, as lines for people. */
export function reportOf(result: RunResult): string {
  const { plan, begun, sendingMs, restingMs, findings } = result;
  const rate = (begun / sendingMs) * 1_000;
  return [
    `seed ${plan.seed}: ${begun} of ${plan.events} events in ${seconds(sendingMs)} (${rate.toFixed(0)}/s), at rest after ${seconds(restingMs)}`,
    ...sentLines(result),
    ...strikeLines(result),
    ...stateLines(result),
    ...findingLines(findings),
  ].join('\n');
}

function sentLines({ ledger }: RunResult): readonly string[] {
  return [
    `  orders      ${outcomes(ledger.orders)}`,
    `  cancelled   ${outcomes(ledger.cancellations)}`,
    `  restocks    ${outcomes(ledger.restocks)}`,
    `  impostors   ${outcomes(ledger.impostors)}`,
    `  answers     ${[...ledger.statuses].map(([status, times]) => `${times} × ${status}`).join(', ')}`,
  ];
}

function outcomes(entries: readonly { readonly outcome: Outcome }[]): string {
  const counts = countBy(entries, ({ outcome }) => outcome);
  const parts = (['promised', 'unknown', 'refused'] as const).flatMap((outcome) =>
    counts.has(outcome) ? [`${counts.get(outcome) ?? 0} ${outcome}`] : [],
  );
  return parts.join(', ') || 'none';
}

function strikeLines({ blows }: RunResult): readonly string[] {
  const counts = countBy(
    blows,
    ({ strike, result }) => `${strike.victim} ${strike.blow}${result === 'missed' ? ' (missed)' : ''}`,
  );
  return [`  strikes     ${blows.length}: ${[...counts].map(([name, times]) => `${times} × ${name}`).join(', ')}`];
}

function stateLines({ ledger, observed }: RunResult): readonly string[] {
  const statuses = countBy(observed.orders, ({ status }) => status);
  const opening = sumOf([...ledger.opening.values()]);
  const cameIn = sumOf([...unitsBySku(observed.restocks).values()]);
  const levels = observed.stock.filter(({ sku }) => ledger.opening.has(sku));
  const gone = observed.reservations.filter(hasLeft).flatMap(({ items }) => items);
  const left = sumOf([...unitsBySku(gone).values()]);
  const onHand = sumOf(levels.map((level) => level.onHand));
  const reserved = sumOf(levels.map((level) => level.reserved));
  return [
    `  state       ${[...statuses].map(([status, count]) => `${count} ${status}`).join(', ')}; ${observed.parked.length} parked, ${observed.deadLetters} dead letters`,
    `  units       ${opening} + ${cameIn} came in - ${left} left = ${onHand} on hand; ${reserved} of them set aside`,
    `  money       ${moneyText(observed)}`,
    `  log         ${observed.events.length} events in ${observed.records} records, ${observed.entries.length} effects at the witness`,
  ];
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** By the payment provider's books. */
function moneyText({ movements }: RunResult['observed']): string {
  const sums = new Map<string, number>();
  for (const { what, minorUnits } of movements) sums.set(what, (sums.get(what) ?? 0) + minorUnits);
  return ['authorized', 'captured', 'voided']
    .map((what) => `${((sums.get(what) ?? 0) / 100).toFixed(2)} EUR ${what}`)
    .join(', ');
}

function findingLines(findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return ['0 lost, 0 doubled: both sides of the account agree'];
  return FINDING_KINDS.flatMap((kind) => {
    const some = findings.filter((found) => found.kind === kind);
    if (some.length === 0) return [];
    return [
      `${some.length} ${kind}`,
      ...some.slice(0, EXAMPLES).map(({ subject, message }) => `  ${subject}: ${message}`),
      ...(some.length > EXAMPLES ? [`  and ${some.length - EXAMPLES} more`] : []),
    ];
  });
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
