import { EbbError, messageOf } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import type { PublishReceipt, StatusReport, TailEvent } from '@ebb/local/client';
import { readJaeger } from '@ebb/traces';
import { BrokenLink } from './broken-link.ts';
import { send } from './http.ts';
import { publishToIngress } from './ingress.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import type { Hints, Sighting, Target } from './target.ts';

const NAMESPACE = 'default';

export interface LaptopOptions {
  /** Where `ebb up` listens. */
  readonly url: string;
  /** Ask this for traces instead. */
  readonly jaegerUrl?: string;
  /** Publish over HTTP to this instead. */
  readonly ingressUrl?: string;
  /** Its events are in a Kafka: that is written to and read. */
  readonly kafka?: KafkaTopics;
}

export const LAPTOP_HINTS: Hints = {
  ingress: () => ['npx ebb status'],
  topic: () => ['npx ebb status', 'npx ebb tail'],
  trigger: () => ['npx ebb status', 'npx ebb dead list'],
  service: (service) => [`cat .ebb/logs/${service}.log`, `npx ebb dead list --service ${service}`],
  relay: () => ['npx ebb status', 'cat .ebb/logs/relay.log'],
  traces: () => [],
};

/** What runs there says of itself. @throws EbbError EBB_RUNTIME */
export async function statusOf(url: string): Promise<StatusReport> {
  const { status, body } = await send(`${url}/ebb/v1/status`);
  if (status === 200) return JSON.parse(body) as StatusReport;
  throw new EbbError('EBB_RUNTIME', `${url} is no running Ebb: /ebb/v1/status was answered with ${status}`);
}

/** An `ebb up`: everything behind one address. */
export function laptopTarget({ url, jaegerUrl = url, ingressUrl, kafka }: LaptopOptions): Target {
  return {
    name: url,
    hints: LAPTOP_HINTS,
    publishHttp: (topic, event) =>
      publishToIngress({
        url: `${(ingressUrl ?? `${url}/broker/${NAMESPACE}`).replace(/\/+$/, '')}/${topic}`,
        event,
        look: LAPTOP_HINTS.ingress(topic),
      }),
    publishToTopic: (topic, event) => (kafka ? kafka.publish(topic, event) : publishInside(url, topic, event)),
    watch: (topics, onEvent) => (kafka ? kafka.watch(topics, onEvent) : tail(url, onEvent)),
    triggerState: async (trigger) => {
      const { triggers } = await statusOf(url).catch(() => ({ triggers: undefined }));
      if (!triggers) return 'unknown';
      const found = triggers.find(({ name }) => name === trigger);
      if (!found) return 'missing';
      return (found.lag ?? 0) > 0 || (found.inFlight ?? 0) > 0 ? 'behind' : 'past';
    },
    trace: (traceId) => readJaeger((path) => send(`${jaegerUrl.replace(/\/+$/, '')}${path}`), traceId),
    close: async () => kafka?.close(),
  };
}

/** Not over HTTP to a broker: the control API takes it, because the log in PostgreSQL has no way in for strangers. It begins the trace itself. */
async function publishInside(url: string, topic: string, event: CloudEvent): Promise<string> {
  const { id, type, source, subject, data } = event;
  const look = LAPTOP_HINTS.topic(topic);
  const answer = await send(`${url}/ebb/v1/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, type, source, subject, data }),
  }).catch((error: unknown) => {
    throw new BrokenLink('topic', messageOf(error), look, { cause: error });
  });
  if (answer.status !== 202) {
    throw new BrokenLink('topic', `${url} did not publish: ${answer.status} ${answer.body.slice(0, 300)}`, look);
  }
  return (JSON.parse(answer.body) as PublishReceipt).traceId;
}

/** What `ebb tail` shows. A delivery is a sign of its event, too: readers of topics need a moment to begin. */
async function tail(url: string, onEvent: (sighting: Sighting) => void): Promise<{ close(): Promise<void> }> {
  const ending = new AbortController();
  const response = await fetch(`${url}/ebb/v1/events`, { signal: ending.signal }).catch((error: unknown) => {
    throw new BrokenLink('topic', `${url} cannot be watched: ${messageOf(error)}`, [], { cause: error });
  });
  const reading = read(response, onEvent).catch(() => undefined);
  return {
    async close() {
      ending.abort();
      await reading;
    },
  };
}

async function read(response: Response, onEvent: (sighting: Sighting) => void): Promise<void> {
  let text = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const lines = `${text}${chunk}`.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines.filter((each) => each.startsWith('data: '))) {
      const entry = JSON.parse(line.slice('data: '.length)) as TailEvent;
      if ('id' in entry) onEvent(sightingOf(entry));
    }
  }
}

function sightingOf(entry: TailEvent): Sighting {
  const { id, type, subject } = entry;
  const traceId = entry.kind === 'received' ? entry.traceId : undefined;
  return {
    topic: entry.kind === 'received' ? entry.topic : '',
    id,
    type,
    ...(subject !== undefined && { subject }),
    ...(traceId !== undefined && { traceId }),
  };
}
