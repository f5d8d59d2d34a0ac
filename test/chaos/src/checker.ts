import type { Finding } from './finding.ts';
import type { Ledger } from './ledger.ts';
import type { Observed } from './observed.ts';
import { answers } from './rules/answers.ts';
import { effects } from './rules/effects.ts';
import { money } from './rules/money.ts';
import { order } from './rules/order.ts';
import { orders } from './rules/orders.ts';
import { parked } from './rules/parked.ts';
import { restocks } from './rules/restocks.ts';
import { stock } from './rules/stock.ts';

const RULES = [orders, restocks, stock, money, effects, order, parked, answers];

/**
 * Compares what clients sent and were answered with the state that came of it. Pure: it asks nobody, and knows nothing of how the system works
 * but what is promised of it.
 */
export function check(ledger: Ledger, observed: Observed): readonly Finding[] {
  return RULES.flatMap((rule) => rule(ledger, observed));
}
