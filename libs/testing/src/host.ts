import type { CloudEvent } from '@ebb/events';
import { encodeBatch, encodeBinary } from '@ebb/events';
import { send } from './in-memory-http.ts';
import type { ObservedDatabase, Result } from './observed-database.ts';
import type { Runtime } from './runtime.ts';

/** A delivery, or a batch of them, as a broker sends it. */
export interface Message {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What became of a message. */
export interface Handled {
  readonly status: number;
  readonly text: string;
  /** What its deliveries came to; empty where there is no database. */
  readonly results: readonly Result[];
}

export function messageOf(fn: string, events: readonly CloudEvent[]): Message {
  const [first] = events;
  const { headers, body } = first && events.length === 1 ? encodeBinary(first) : encodeBatch(events);
  return { path: `/functions/${fn}`, headers, body: body ?? Buffer.alloc(0) };
}

/** Gives a message to a service in this process. */
export async function handleHere(
  listener: ReturnType<Runtime['createHandler']>,
  observed: Pick<ObservedDatabase, 'observe'> | undefined,
  { path, headers, body }: Message,
): Promise<Handled> {
  const post = () => send(listener, 'POST', path, { headers, body });
  const { value, results } = observed ? await observed.observe(post) : { value: await post(), results: [] };
  return { status: value.status, text: value.text, results };
}
