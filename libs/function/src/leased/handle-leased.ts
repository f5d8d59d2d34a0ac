import { REDRIVE_COUNT_ATTRIBUTE } from '@ebb/events';
import type { Database, LeasedDelivery, LeaseEnd, OnCrashPoint } from '@ebb/postgres';

import type { AnyIncoming, LeasedFunctionDefinition } from '../definition/function.ts';
import { withDeadline } from '../serving/deadline.ts';
import { Emitter, type EmitterOptions } from '../serving/emitter.ts';
import { LeasedRun, type LeasedRunOptions } from './leased-run.ts';
import { Steps } from './steps.ts';

export interface HandleLeasedOptions {
  readonly definition: LeasedFunctionDefinition;
  readonly database: Database;
  readonly leased: LeasedDelivery;
  readonly incoming: AnyIncoming;
  readonly emitter: EmitterOptions & Required<Pick<EmitterOptions, 'cause'>>;
  readonly common: LeasedRunOptions['common'];
  readonly onPoint?: OnCrashPoint;
}

/** Runs the handler of a leased function once, and commits its end. */
export async function handleLeased(options: HandleLeasedOptions): Promise<LeaseEnd> {
  const { definition, leased, incoming } = options;
  const emitter = new Emitter(options.emitter);
  const end = await withDeadline(`function "${definition.name}"`, definition.timeoutMs, (deadline) => {
    const signal = AbortSignal.any([deadline, leased.signal]);
    return runOf(options, emitter, signal).handle(incoming);
  });
  if (end === 'done') await options.onPoint?.('handled');
  if (end === 'done') await leased.finish((tx) => emitter.writeTo(tx));
  return end;
}

function runOf(options: HandleLeasedOptions, emitter: Emitter, signal: AbortSignal): LeasedRun {
  const { definition, database, leased, incoming, common } = options;
  const { cause, tracer } = options.emitter;
  const steps = new Steps({
    leased,
    database,
    tracer,
    signal,
    key: cause.key,
    redrives: Number(incoming.event[REDRIVE_COUNT_ATTRIBUTE] ?? 0),
    timeoutMs: definition.timeoutMs,
  });
  return new LeasedRun({
    definition,
    leased,
    steps,
    emitter,
    emitterOf: (step) =>
      new Emitter({ ...options.emitter, cause: { ...cause, key: `${cause.key}\u0000step\u0000${step}` } }),
    common,
    signal,
  });
}
