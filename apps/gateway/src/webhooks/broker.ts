import { EbbError } from '@ebb/core';
import { httpClient, type HttpClient } from '@ebb/function';

export interface BrokerMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** Publishes an event; when it resolves, the broker has it. @throws EbbError when nobody knows whether it has */
export type Publish = (topic: string, message: BrokerMessage, signal: AbortSignal) => Promise<void>;

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 65_536;

/** @param template the address of a broker: `{topic}` in it stands for its name, which is the topic's */
export function publishTo(template: string): Publish {
  const clients = new Map<string, HttpClient>();
  return async (topic, { headers, body }, signal) => {
    const { origin, pathname } = new URL(template.replaceAll('{topic}', encodeURIComponent(topic)));
    const client =
      clients.get(origin) ?? httpClient(origin, { timeoutMs: TIMEOUT_MS, maxAnswerBytes: MAX_ANSWER_BYTES });
    clients.set(origin, client);
    const { status } = await client.send({
      method: 'POST',
      path: pathname,
      headers,
      body: body ?? Buffer.alloc(0),
      signal,
    });
    if (status < 200 || status > 299) {
      throw new EbbError('EBB_RUNTIME', `the broker of ${topic} answered ${status}`);
    }
  };
}
