import { EbbError, messageOf, type Clock } from '@ebb/core';
import { doubtAbout, type WebhookHeaders } from '@ebb/function';
import { traceparentOf } from '@ebb/telemetry';
import type { Exchange, Policy, Verdict } from '../pipeline/exchange.ts';
import { refusal, type Refusal } from '../pipeline/refusal.ts';
import type { RouteWebhook } from '../routing/gateway-route.ts';
import type { Publish } from './outbox.ts';
import { webhookEvent, type KnownEvent } from './webhook-event.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';

export interface WebhookPolicyOptions {
  readonly secrets: WebhookSecrets;
  readonly publish: Publish;
  /** What is known now of a type of event. */
  readonly eventOf: (type: string) => KnownEvent | undefined;
  readonly toleranceMs: number;
  readonly clock: Clock;
}

const RETRY_AFTER_S = '30';

/** Takes webhooks: what is signed by who it should be becomes an event. It is answered once that is committed, and not before. */
export function webhookPolicy(options: WebhookPolicyOptions): Policy {
  return (exchange) => {
    const { webhook } = exchange.route;
    return webhook && take(exchange, webhook, options);
  };
}

async function take(exchange: Exchange, webhook: RouteWebhook, options: WebhookPolicyOptions): Promise<Verdict> {
  const { secrets, publish, eventOf } = options;
  const known = eventOf(webhook.event);
  const own = secrets.get(webhook.secret);
  if (!own) return notNow(exchange, `WEBHOOK_SECRETS has no "${webhook.secret}"`);
  const headers = headersOf(exchange);
  const body = await exchange.readBody();
  if (!Buffer.isBuffer(body)) return body;
  const doubt = doubtAbout(headers, body, {
    secrets: own.map((secret) => secret.reveal()),
    nowMs: options.clock.now(),
    toleranceMs: options.toleranceMs,
  });
  if (doubt) return refusal('webhook', doubt.kind === 'untimely' ? 400 : 401, doubt.detail);
  // Only to those who proved who they are: what is installed here is nobody else's business.
  if (!known) return notNow(exchange, `no service that is installed knows ${webhook.event}`);
  return send(exchange, publish, { webhook, known, body, id: headers.id ?? '', timestamp: headers.timestamp ?? '' });
}

interface Genuine {
  readonly webhook: RouteWebhook;
  readonly known: KnownEvent;
  readonly body: Buffer;
  readonly id: string;
  readonly timestamp: string;
}

async function send(exchange: Exchange, publish: Publish, { webhook, known, ...signed }: Genuine): Promise<Verdict> {
  const traceparent = traceparentOf(exchange.span);
  const delivery = { ...signed, type: webhook.event, source: exchange.route.path, traceparent };
  let event;
  try {
    event = webhookEvent(known, delivery);
  } catch (error) {
    if (!(error instanceof EbbError)) throw error;
    return refusal('webhook', 400, error.message);
  }
  try {
    await publish(known.topic, event, exchange.signal);
    return { kind: 'answer', status: 202, headers: {} };
  } catch (error) {
    return notNow(exchange, messageOf(error));
  }
}

/** The sender is to come again; why, is ours to know. */
function notNow(exchange: Exchange, why: string): Refusal {
  exchange.log.error({ route: exchange.route.id }, `a webhook was not taken: ${why}`);
  return refusal('webhook', 503, 'webhooks cannot be taken for now: send it again in a while', {
    headers: { 'retry-after': RETRY_AFTER_S },
  });
}

function headersOf({ headers }: Exchange): WebhookHeaders {
  const one = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  return { id: one('webhook-id'), timestamp: one('webhook-timestamp'), signature: one('webhook-signature') };
}
