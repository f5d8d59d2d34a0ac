import type { ObservedShown } from './observed.ts';
import { deadList } from './requests.ts';
import type { Target } from './target.ts';

interface DeadPage {
  readonly items: readonly ObservedShown[];
  readonly next?: string;
}

/** Everything that a person is shown of what did not take effect, page by page. */
export async function shownTo(target: Target): Promise<readonly ObservedShown[]> {
  const shown: ObservedShown[] = [];
  let cursor: string | undefined;
  do {
    const answer = await target.send(deadList(cursor));
    if (answer.kind === 'silence' || answer.result.status !== 200)
      throw new Error('the runtime does not list what is parked');
    const page = answer.result.json<DeadPage>();
    shown.push(...page.items.map(({ target: at, eventId }) => ({ target: at, eventId })));
    cursor = page.next;
  } while (cursor !== undefined);
  return shown;
}
