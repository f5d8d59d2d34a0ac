import { messageOf } from '@ebb/core';
import type { StoredSpan } from '@ebb/traces';
import { BrokenLink } from './broken-link.ts';
import { triggerOf, type ChainLink } from './scenario.ts';
import type { Sighting, Target, TriggerState } from './target.ts';

export interface Missing {
  /** The function whose event did not come. */
  readonly link: ChainLink;
  /** What should have woken it. */
  readonly cause: Sighting;
  readonly traceId: string;
  readonly waitedMs: number;
}

type Asked = Pick<Target, 'hints' | 'trace' | 'triggerState'>;

/** Says where an event got lost between the topic that it was seen in and the one that the next was to be seen in: by the trace, and by how far the Trigger is. */
export async function diagnose(target: Asked, missing: Missing): Promise<BrokenLink> {
  const { link, cause, traceId } = missing;
  const trigger = triggerOf(link);
  const [spans, state] = await Promise.all([
    target.trace(traceId).catch((error: unknown) => messageOf(error)),
    target.triggerState(trigger, cause),
  ]);
  if (typeof spans === 'string') return withoutTrace(target, missing, state, spans);
  const ran = spans.filter(({ service, name }) => service === link.service && name === processSpan(link));
  const failed = ran.find(({ status }) => status.code === 'error');
  const hasWorked = ran.some(({ status }) => status.code !== 'error');
  if (ran.length === 0) return notRun(target, missing, state);
  if (failed && !hasWorked) {
    return new BrokenLink(
      'function',
      `${link.service}/${link.function} failed at it: ${failed.status.message ?? 'it does not say why'}`,
      target.hints.service(link.service),
    );
  }
  return afterRun(target, missing, spans);
}

/** How our own code calls its spans. */
export const processSpan = ({ function: fn }: ChainLink): string => `process ${fn}`;
export const publishSpan = ({ emits }: ChainLink): string => `publish ${emits.topic}`;
const emitSpan = ({ emits }: ChainLink): string => `emit ${emits.type}`;

function afterRun(target: Asked, { link, waitedMs }: Missing, spans: readonly StoredSpan[]): BrokenLink {
  const who = `${link.service}/${link.function}`;
  if (!spans.some(({ name }) => name === emitSpan(link))) {
    return new BrokenLink(
      'function',
      `${who} ran, and emitted no ${link.emits.type}`,
      target.hints.service(link.service),
    );
  }
  if (!spans.some(({ name }) => name === publishSpan(link))) {
    return new BrokenLink(
      'relay',
      `${who} committed ${link.emits.type} to its outbox, and no relay published it within ${seconds(waitedMs)}`,
      target.hints.relay(),
    );
  }
  return new BrokenLink(
    'derived event',
    `${link.emits.type} was published, and not seen in the topic ${link.emits.topic}: it may have gone to another one`,
    target.hints.topic(link.emits.topic),
  );
}

function notRun(target: Asked, { link, cause, waitedMs }: Missing, state: TriggerState): BrokenLink {
  const trigger = triggerOf(link);
  const who = `${link.service}/${link.function}`;
  if (state === 'missing') {
    return new BrokenLink(
      'trigger',
      `nothing delivers to ${who}: there is no Trigger ${trigger}, or it never took an event`,
      target.hints.trigger(trigger),
    );
  }
  if (state === 'behind') {
    return new BrokenLink(
      'function',
      `Trigger ${trigger} has ${cause.type}, and ${who} did not answer it within ${seconds(waitedMs)}: its service does not start, or hangs`,
      [...target.hints.service(link.service), ...target.hints.trigger(trigger)],
    );
  }
  return new BrokenLink(
    'trigger',
    `${who} was not given ${cause.type}: Trigger ${trigger} passed it over (its filter), or gave it up`,
    target.hints.trigger(trigger),
  );
}

/** Traces would tell the function from the relay. */
function withoutTrace(target: Asked, missing: Missing, state: TriggerState, why: string): BrokenLink {
  if (state === 'missing' || state === 'behind') return notRun(target, missing, state);
  const { link, waitedMs } = missing;
  return new BrokenLink(
    'function',
    `no ${link.emits.type} came within ${seconds(waitedMs)}. Whether ${link.service}/${link.function} failed or the relay does not publish cannot be told: ${why}`,
    [...target.hints.service(link.service), ...target.hints.relay(), ...target.hints.traces()],
  );
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
