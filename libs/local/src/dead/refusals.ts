import { HttpProblem } from '@ebb/core';
import { MAX_REDRIVES } from '@ebb/postgres/parked';

/** Why something cannot be done with a parked event, in words that say what to do instead. */
const REFUSALS: Readonly<Record<string, readonly [status: number, why: string]>> = {
  'not-found': [404, 'there is none with this id'],
  closed: [409, 'it is over: it took effect, was discarded, or was edited'],
  'on-its-way': [409, 'it was sent on already, and what comes of it is not known yet; --force sends it once more'],
  'at-work': [409, 'a process is at work on it, or it sleeps between two steps; look again in a moment'],
  'loop-guard': [
    409,
    `it was sent again ${MAX_REDRIVES} times already: mend the cause first; --force sends it all the same`,
  ],
  behind: [409, 'an earlier event of its key is parked: it goes on by itself after that one'],
  'payload-mismatch': [
    409,
    'its id took effect with another payload, so it never will: edit it, which makes a new event, or discard it',
  ],
  'has-steps': [
    409,
    'steps of it have run, and a new event would run them again: send it again as it is, or discard it',
  ],
  pending: [409, 'it was sent on already and waits for the relay: ebb status shows what holds the relay up'],
  'no-topic': [409, 'its topic does not exist: it goes on by itself when there is one'],
  'not-published': [
    409,
    'it was never published, so no function has seen it: discard it, and have its service emit another',
  ],
  'no-event': [409, 'the record is no CloudEvent: discard it'],
  'no-destination': [409, 'nothing tells where it was to go: discard it'],
  'failed-again': [502, 'it failed again'],
};

/** @throws HttpProblem unless `outcome` is one of those that were hoped for */
export function refuse(
  id: string,
  { outcome, message }: { readonly outcome: string; readonly message?: string },
): never {
  const [status, why] = REFUSALS[outcome] ?? [409, outcome];
  throw new HttpProblem(status, `${id}: ${why}${message === undefined ? '' : `: ${message}`}`);
}
