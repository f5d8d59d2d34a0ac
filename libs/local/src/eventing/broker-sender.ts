import { type Clock, HttpProblem, type Logger } from '@ebb/core';
import type { BrokerRegistry } from './broker-registry.ts';
import type { HttpAnswer, HttpRequest } from './http-answer.ts';
import { asProblem, type Ingress } from './ingress.ts';

export interface BrokerSenderOptions {
  readonly brokers: BrokerRegistry;
  readonly ingress: Ingress;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Sends to a Broker of this runtime, with the answers of its ingress but without a socket in between. */
export function brokerSender({ brokers, ingress, logger, clock }: BrokerSenderOptions) {
  return async (namespace: string, name: string, request: HttpRequest): Promise<HttpAnswer> => {
    try {
      const broker = brokers.get(namespace, name);
      if (!broker) throw new HttpProblem(404, `there is no broker ${name} in namespace ${namespace}`);
      const { headers, body = Buffer.alloc(0) } = request;
      await ingress.take(broker, { headers, body, startedAtMs: clock.now() });
      return { status: 202, headers: {}, body: Buffer.alloc(0) };
    } catch (error) {
      const { problem } = asProblem(error, logger);
      return { status: problem.status, headers: {}, body: Buffer.from(JSON.stringify(problem)) };
    }
  };
}
