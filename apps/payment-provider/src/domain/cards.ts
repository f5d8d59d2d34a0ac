/** What a card does, which its token says. */
export interface Card {
  /** What becomes of an authorization; `pending` is decided later, if at all. */
  readonly decision: 'authorized' | 'declined' | 'pending';
  readonly reason?: string;
  /** What a pending authorization comes to; without it the customer never comes back from their bank. */
  readonly later?: 'authorized' | 'declined';
  /**
   * `lost`: it took effect, but the first answer does not arrive; `busy`: the first request is refused with 503;
   * `none`: there is no answer, and nothing happens.
   */
  readonly answer: 'given' | 'lost' | 'busy' | 'none';
  readonly isCapturable: boolean;
}

const GOOD: Card = { decision: 'authorized', answer: 'given', isCapturable: true };
const NO_FUNDS = 'insufficient funds';

const CARDS: Readonly<Record<string, Card>> = {
  tok_ok: GOOD,
  tok_declined: { ...GOOD, decision: 'declined', reason: NO_FUNDS },
  tok_slow: { ...GOOD, decision: 'pending', later: 'authorized' },
  tok_slow_declined: { ...GOOD, decision: 'pending', later: 'declined', reason: NO_FUNDS },
  tok_abandoned: { ...GOOD, decision: 'pending' },
  tok_ambiguous: { ...GOOD, answer: 'lost' },
  tok_busy: { ...GOOD, answer: 'busy' },
  tok_timeout: { ...GOOD, answer: 'none' },
  tok_uncapturable: { ...GOOD, isCapturable: false },
};

/** A token that nobody gave out is declined. */
export function cardOf(token: string): Card {
  return CARDS[token] ?? { ...GOOD, decision: 'declined', reason: 'unknown card' };
}
