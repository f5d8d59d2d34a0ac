import type { DecodedEvent } from '@ebb/events';
import { kneHeaders } from '@ebb/knative';
import type { Span } from '@opentelemetry/api';
import type { Attempt } from './attempts.ts';
import type { Delivery, DeliveryPorts, Failure } from './delivery.ts';
import type { TrapReports } from './trap-reports.ts';

/** Makes one attempt visible: in the span, the counts, the tail and the trap reports. */
export function observe(attempt: Attempt, span: Span, delivery: Delivery, { traps, tail }: DeliveryPorts): void {
  const { config, counts, decoded } = delivery;
  const { number, answer, verdict, retryInMs, redirected, durationMs } = attempt;
  span.setAttribute('ebb.attempt', number);
  if (answer) span.setAttribute('http.response.status_code', answer.status);
  if (redirected) traps.report(20, config.name, 'the subscriber answered 303, and the GET that followed decided');
  if (verdict.kind === 'failure') {
    span.addEvent('attempt failed', { 'ebb.attempt': number, 'ebb.reason': verdict.reason });
    if (verdict.noEvent) traps.report(5, config.name, `the subscriber ${verdict.reason}`);
    reportKneHeaders(attempt, delivery, traps);
  }
  if (retryInMs !== undefined) counts.retried += 1;
  if (verdict.kind === 'failure' && retryInMs === undefined) return;
  tail.publish({
    kind: retryInMs === undefined ? 'delivered' : 'retrying',
    at: Date.now(),
    trigger: config.name,
    ...identity(decoded),
    attempt: number,
    ...(answer && { status: answer.status }),
    durationMs,
    ...(verdict.kind === 'failure' && { reason: verdict.reason }),
  });
}

function reportKneHeaders({ answer, retryInMs }: Attempt, { config }: Delivery, traps: TrapReports): void {
  if (!answer) return;
  const { extensions, poisonous } = kneHeaders(answer.headers);
  if (poisonous.length > 0) traps.report(16, config.name, `the subscriber answered with ${poisonous.join(', ')}`);
  const names = Object.keys(extensions);
  if (names.length > 0 && retryInMs === undefined) {
    const detail = `headers of the failure became extensions of the dead letter: ${names.join(', ')}`;
    traps.report(15, config.name, detail);
  }
}

/** Tells the tail that a delivery was given up. */
export function observeFailure(
  { reason, attempt }: Failure,
  { config, decoded }: Delivery,
  { tail }: DeliveryPorts,
): void {
  tail.publish({
    kind: 'dead-lettered',
    at: Date.now(),
    trigger: config.name,
    ...identity(decoded),
    attempt: attempt.number,
    ...(attempt.answer && { status: attempt.answer.status }),
    durationMs: attempt.durationMs,
    reason,
  });
}

function identity({ event }: DecodedEvent): { id: string; type: string; subject?: string } {
  const { id, type, subject } = event;
  return { id, type, ...(subject !== undefined && { subject }) };
}
