import type { IncomingHttpHeaders } from 'node:http';

import { payloadSha, type DecodedEvent } from '@ebb/events';
import type { DeliveryKey } from '@ebb/postgres';

import type { FunctionDefinition } from '../definition/function.ts';
import { keptHeaders } from './kept-headers.ts';

export interface DeliveryParts {
  readonly definition: FunctionDefinition;
  readonly decoded: DecodedEvent;
  readonly traceId: string;
  readonly patienceMs: number;
  readonly headers: IncomingHttpHeaders;
  readonly businessKey: string | undefined;
}

/** One delivery of an event to a function. A class, because there is one of each event, and only a delivery that is parked needs its headers. */
export class Delivery implements DeliveryKey {
  readonly fn: string;
  readonly source: string;
  readonly id: string;
  readonly payloadSha: string;
  readonly event: DecodedEvent;
  readonly traceId: string;
  readonly retryBudget: number;
  readonly order: FunctionDefinition['order'];
  readonly patienceMs: number;
  declare readonly businessKey?: string;
  readonly #headers: IncomingHttpHeaders;

  constructor({ definition, decoded, traceId, patienceMs, headers, businessKey }: DeliveryParts) {
    const { event } = decoded;
    this.fn = definition.name;
    this.source = event.source;
    this.id = event.id;
    this.payloadSha = payloadSha(decoded);
    this.event = decoded;
    this.traceId = traceId;
    this.retryBudget = definition.retry.attempts;
    this.order = definition.order;
    this.patienceMs = patienceMs;
    this.#headers = headers;
    if (businessKey !== undefined) this.businessKey = businessKey;
  }

  get headers(): Readonly<Record<string, string>> {
    return keptHeaders(this.#headers);
  }
}
