import { EbbError, RetryableError, TerminalError, type ConfigOf } from '@ebb/core';
import { parseData } from '@ebb/events';
import { httpClient, type HttpReply } from '@ebb/function';
import type { Money } from '@ebb/schemas';
import * as z from 'zod/mini';
import type { PROVIDER_SETTINGS } from './settings.ts';

const ProviderPayment = z.object({
  status: z.enum(['pending', 'authorized', 'declined', 'captured', 'voided']),
  reason: z.optional(z.string()),
});
/** A payment as the provider has it. */
export type ProviderPayment = z.infer<typeof ProviderPayment>;

interface Call {
  /** Asked for again with the same key, the provider does nothing and answers the same. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** What we ask of the payment provider. A payment is named by its order. */
export interface Provider {
  authorize(orderId: string, payment: { amount: Money; paymentToken: string }, call: Call): Promise<ProviderPayment>;
  /** Undefined when the provider never heard of it. */
  find(orderId: string, call: Pick<Call, 'signal'>): Promise<ProviderPayment | undefined>;
  /** `authorized` still, with a reason, when the money was refused. */
  capture(orderId: string, call: Call): Promise<ProviderPayment>;
  void(orderId: string, call: Call): Promise<ProviderPayment>;
}

/** The provider at its address. Errors say what is known: RetryableError that nothing happened, TerminalError that it was refused, any other nothing. */
export function openProvider(config: ConfigOf<typeof PROVIDER_SETTINGS>): Provider {
  const http = httpClient(config.PAYMENT_PROVIDER_URL, { timeoutMs: config.PAYMENT_PROVIDER_TIMEOUT });
  const post = async (path: string, { key, signal }: Call, body?: Parameters<typeof http.send>[0]['body']) =>
    http.send({
      method: 'POST',
      path,
      headers: { 'idempotency-key': key },
      signal,
      ...(body !== undefined && { body }),
    });
  return {
    authorize: async (orderId, { amount, paymentToken: token }, call) =>
      paymentIn(await post('/authorizations', call, { reference: orderId, amount, token }), [200, 201, 202, 402, 409]),
    find: async (orderId, { signal }) => {
      const reply = await http.send({ method: 'GET', path: `/authorizations/${orderId}`, signal });
      return reply.status === 404 ? undefined : paymentIn(reply, [200]);
    },
    capture: async (orderId, call) => paymentIn(await post(`/authorizations/${orderId}/capture`, call), [200, 402]),
    void: async (orderId, call) => paymentIn(await post(`/authorizations/${orderId}/void`, call), [200]),
  };
}

function paymentIn(reply: HttpReply, statuses: readonly number[]): ProviderPayment {
  const { status } = reply;
  if (statuses.includes(status)) return parseData(ProviderPayment, reply.json(), 'the payment provider’s answer');
  const what = `the payment provider answered ${status}`;
  // 503 and 429 refuse before anything is done. What a 5xx stands for, of the provider or of a proxy before it, nobody knows.
  if (status === 503 || status === 429) throw new RetryableError(what);
  if (status >= 500) throw new EbbError('EBB_RUNTIME', what);
  throw new TerminalError(`${what}: ${reply.text.slice(0, 200)}`);
}
