import type { CloudEvent } from '@ebb/events';
import type { WorkerDatabase } from '@ebb/function';

/** Publishes an event; when it resolves, the event cannot be lost any more. */
export type Publish = (topic: string, event: CloudEvent, signal: AbortSignal) => Promise<void>;

const TIMEOUT_MS = 10_000;

/** Puts events into the outbox, as services do: a webhook that was answered survives an outage of brokers, and whoever sent it need not wait for them. */
export function publishThrough({ transaction }: Pick<WorkerDatabase, 'transaction'>): Publish {
  return (topic, event, signal) =>
    transaction(({ enqueue }) => enqueue([{ topic, event }]), { signal, timeoutMs: TIMEOUT_MS });
}
