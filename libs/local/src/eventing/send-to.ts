import { messageOf } from '@ebb/core';
import { encodeBinary, type DecodedEvent } from '@ebb/events';
import type { Destination } from '@ebb/knative';
import { traceparentOf } from '@ebb/telemetry';
import { isSpanContextValid, type Span } from '@opentelemetry/api';
import { attemptUntilFinal, type Attempt } from './attempts.ts';
import type { Delivery, DeliveryPorts, Failure } from './delivery.ts';
import { resolveDestination } from './destination.ts';
import type { HttpRequest } from './http-answer.ts';
import { observe } from './observe.ts';
import { recordOf, withTrace } from './receiver.ts';
import { pause } from './wait.ts';

const REPLY_ATTEMPTS = 5;
const REPLY_RETRY_MS = 200;

/** Undefined when the receiver took the event (and its reply, if it sent one, is published). */
export async function sendTo(
  destination: Destination,
  decoded: DecodedEvent,
  span: Span,
  delivery: Delivery,
  ports: DeliveryPorts,
): Promise<Failure | undefined> {
  const { config, signal, stopping } = delivery;
  const target = resolveDestination(destination, config.namespace, (name) => ports.serving.has(name));
  const attempt = await attemptUntilFinal({
    policy: config.policy,
    clock: ports.clock,
    signal,
    stopping,
    // Encoded per attempt: an event that cannot be sent is a failed delivery like any other.
    send: async () => ports.sender.send(target, requestFor(decoded, span, delivery)),
    onAttempt: (made) => observe(made, span, delivery, ports),
  });
  const reason = await finish(attempt, span, delivery, ports);
  return reason === undefined ? undefined : { reason, attempt, target };
}

function requestFor({ event, payload }: DecodedEvent, span: Span, { config, signal }: Delivery): HttpRequest {
  const { headers, body } = encodeBinary(event, payload);
  return {
    method: 'POST',
    headers: { ...headers, prefer: 'reply', 'kn-namespace': config.namespace, ...hopHeaders(span) },
    ...(body && { body }),
    timeoutMs: config.policy.timeoutMs,
    signal,
    parent: span.spanContext(),
  };
}

function hopHeaders(span: Span): Record<string, string> {
  if (!isSpanContextValid(span.spanContext())) return {};
  const state = span.spanContext().traceState?.serialize();
  return { traceparent: traceparentOf(span), ...(state && { tracestate: state }) };
}

/** Why the final attempt failed, if it did. */
async function finish(
  { verdict, answer }: Attempt,
  span: Span,
  delivery: Delivery,
  ports: DeliveryPorts,
): Promise<string | undefined> {
  if (verdict.kind === 'failure') return verdict.reason;
  if (verdict.kind === 'success') return undefined;
  const { name } = delivery.config;
  ports.traps.report(6, name, `the answer ${answer?.status ?? ''} carried a CloudEvent and was taken as a reply`);
  try {
    await publishReply(verdict.reply, span, delivery, ports);
    return undefined;
  } catch (error) {
    delivery.signal.throwIfAborted();
    ports.traps.report(13, name, `publishing a reply failed: ${messageOf(error)}`);
    return `its reply could not be published: ${messageOf(error)}`;
  }
}

async function publishReply(
  reply: DecodedEvent,
  span: Span,
  { record, signal }: Delivery,
  { log }: DeliveryPorts,
): Promise<void> {
  const written = recordOf(withTrace(reply, span), span);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await log.append(record.topic, [written]);
      return;
    } catch (error) {
      if (attempt >= REPLY_ATTEMPTS) throw error;
      await pause(REPLY_RETRY_MS * attempt, signal);
    }
  }
}
