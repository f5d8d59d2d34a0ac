import { messageOf } from '@ebb/core';
import { encodeBinary, type DecodedEvent } from '@ebb/events';
import { DEFAULT_NAMESPACE } from '@ebb/knative';
import { inSpan, parseTraceparent, traceparentOf } from '@ebb/telemetry';
import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { resolveDestination } from './destination.ts';
import { eventAttributes } from './receiver.ts';
import type { Sender } from './sender.ts';
import type { ServingPort } from './serving-port.ts';
import { judge } from './verdict.ts';

/** A person waits for it. */
const TIMEOUT_MS = 60_000;

export interface DeliverOnceOptions {
  readonly sender: Sender;
  readonly serving: ServingPort;
  readonly tracer: Tracer;
}

/** Sends an event to a URL as a Trigger would, once and at once. Undefined when it was taken; else why not. */
export function deliverOnce(
  url: string,
  decoded: DecodedEvent,
  { sender, serving, tracer }: DeliverOnceOptions,
): Promise<string | undefined> {
  const { event, payload } = decoded;
  const parent = parseTraceparent(event.traceparent, event.tracestate);
  const options = { kind: SpanKind.CLIENT, attributes: eventAttributes(decoded), ...(parent && { parent }) };
  return inSpan(tracer, 'redrive', options, async (span) => {
    const target = resolveDestination({ uri: url }, DEFAULT_NAMESPACE, (name) => serving.has(name));
    try {
      const { headers, body } = encodeBinary(event, payload);
      const { answer } = await sender.send(target, {
        method: 'POST',
        headers: { ...headers, prefer: 'reply', 'kn-namespace': DEFAULT_NAMESPACE, traceparent: traceparentOf(span) },
        ...(body && { body }),
        timeoutMs: TIMEOUT_MS,
        parent: span.spanContext(),
      });
      const verdict = judge(answer);
      if (verdict.kind !== 'failure') return undefined;
      span.setStatus({ code: SpanStatusCode.ERROR, message: verdict.reason });
      return `${verdict.reason}: ${answer.body.toString('utf8', 0, 500)}`;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      return messageOf(error);
    }
  });
}
