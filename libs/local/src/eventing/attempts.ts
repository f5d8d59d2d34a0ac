import { messageOf, type Clock } from '@ebb/core';
import { backoffMs, type DeliveryPolicy } from '@ebb/knative';
import type { HttpAnswer } from './http-answer.ts';
import type { Sent } from './sender.ts';
import { judge, type Verdict } from './verdict.ts';

/** One request and what came of it. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Absent when there was no answer. */
  readonly answer?: HttpAnswer;
  readonly redirected: boolean;
  readonly verdict: Verdict;
  readonly durationMs: number;
  /** Another attempt follows after this wait. */
  readonly retryInMs?: number;
}

export interface AttemptsOptions {
  readonly policy: DeliveryPolicy;
  readonly clock: Clock;
  /** Cuts off an attempt. */
  readonly signal: AbortSignal;
  /** Ends the wait between attempts. */
  readonly stopping: AbortSignal;
  /** @throws when there is no answer */
  readonly send: (attempt: number) => Promise<Sent>;
  readonly onAttempt: (attempt: Attempt) => void;
}

/**
 * Sends until an answer is final: a success, a failure that is not worth repeating, or the last attempt (1 + `retry`).
 * @throws the reason of `signal` or `stopping` when it is aborted: then nothing is known, and the event must be delivered again
 */
export async function attemptUntilFinal(options: AttemptsOptions): Promise<Attempt> {
  const { policy, clock, stopping, onAttempt } = options;
  for (let number = 1; ; number += 1) {
    const attempt = await attemptOnce(number, options);
    const { verdict } = attempt;
    if (verdict.kind !== 'failure' || !verdict.retryable || number > policy.retry) {
      onAttempt(attempt);
      return attempt;
    }
    const retryInMs = backoffMs(policy, number);
    onAttempt({ ...attempt, retryInMs });
    await clock.sleep(retryInMs, stopping);
  }
}

async function attemptOnce(number: number, { clock, signal, send }: AttemptsOptions): Promise<Attempt> {
  const startedAt = clock.now();
  const common = (): { number: number; durationMs: number } => ({ number, durationMs: clock.now() - startedAt });
  try {
    const { answer, redirected } = await send(number);
    return { ...common(), answer, redirected, verdict: judge(answer) };
  } catch (error) {
    signal.throwIfAborted();
    return { ...common(), redirected: false, verdict: { kind: 'failure', retryable: true, reason: messageOf(error) } };
  }
}
