import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';

/** Whatever is down, a client is told in a way that it can act upon. */
export function answers({ badAnswers }: Ledger): readonly Finding[] {
  return badAnswers.map(({ what, answer }) => finding('answer', what, answer));
}
