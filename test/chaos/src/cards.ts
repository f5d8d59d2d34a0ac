/** What a customer pays with. The payment provider's stand-in does what the token says. */
export const CARDS = {
  tok_ok: 0.66,
  tok_declined: 0.06,
  tok_slow: 0.06,
  tok_slow_declined: 0.03,
  /** It takes effect, and the first answer is lost. */
  tok_ambiguous: 0.08,
  tok_busy: 0.06,
  tok_uncapturable: 0.03,
  /** The customer never comes back from their bank. */
  tok_abandoned: 0.02,
} as const satisfies Record<string, number>;

export type Card = keyof typeof CARDS;

/** With these an order can come to be confirmed, if nothing else is in its way. */
const GOOD: readonly Card[] = ['tok_ok', 'tok_slow', 'tok_ambiguous', 'tok_busy'];

export const isGood = (card: Card): boolean => GOOD.includes(card);

/** Antarctica: orders for it are rejected. */
export const NOWHERE = 'AQ';

/** The card of a number from 0 to 1; each comes as often as its share. */
export function cardOf(dice: number): Card {
  let sum = 0;
  for (const [card, share] of Object.entries(CARDS)) {
    sum += share;
    if (dice < sum) return card as Card;
  }
  return 'tok_ok';
}
