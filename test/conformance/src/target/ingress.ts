import { messageOf } from '@ebb/core';
import { encodeBinary, type CloudEvent } from '@ebb/events';
import { BrokenLink } from './broken-link.ts';
import { send } from './http.ts';

/** What the statuses of a broker's ingress mean, past 202. */
const MEANINGS: Readonly<Record<number, string>> = {
  400: 'it takes this for no CloudEvent',
  401: 'it wants a token of this test (INGRESS_TOKEN_FILE), or another one',
  403: 'an EventPolicy does not let this test publish',
  404: 'there is no such broker, or it is not ready',
  413: 'the event is too large',
  422: 'the event does not fit its schema',
  503: 'it cannot write to its topic: Kafka is away, or the topic is missing',
};

export interface Publication {
  /** The address of the broker. */
  readonly url: string;
  readonly event: CloudEvent;
  /** Says who publishes, where a broker wants to know. */
  readonly token?: string;
  readonly look: readonly string[];
}

/** Publishes to a broker over HTTP, in binary mode. @throws BrokenLink ingress */
export async function publishToIngress({ url, event, token, look }: Publication): Promise<void> {
  const { headers, body } = encodeBinary(event);
  const { traceparent } = event;
  const answer = await send(url, {
    method: 'POST',
    headers: {
      ...headers,
      ...(traceparent !== undefined && { traceparent }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: body as Uint8Array<ArrayBuffer>,
  }).catch((error: unknown) => {
    throw new BrokenLink('ingress', messageOf(error), look, { cause: error });
  });
  if (answer.status >= 200 && answer.status < 300) return;
  const meaning = MEANINGS[answer.status] ?? 'that is no answer of a broker';
  const said = answer.body.trim() === '' ? '' : `. It said: ${answer.body.trim().slice(0, 300)}`;
  throw new BrokenLink('ingress', `${url} answered ${answer.status}: ${meaning}${said}`, look);
}
