import type { DurationString } from '@ebb/core';
import type { CloudEvent, DataOf, EventDefinition } from '@ebb/events';

/**
 * What a handler gets for one event definition. Distributes over a union of definitions,
 * so that `type` tells the payloads of a function with several events apart.
 */
export type Incoming<D> =
  D extends EventDefinition<infer Type, infer Data>
    ? {
        readonly type: Type;
        /** The payload, checked against the event's schema. */
        readonly data: Data;
        /** The whole CloudEvent, attributes included. */
        readonly event: CloudEvent<Data> & { readonly type: Type };
      }
    : never;

/** What `on` stands for: one definition, or any of several. */
export type OneOf<On extends EventDefinition | readonly EventDefinition[]> = On extends readonly (infer D extends
  EventDefinition)[]
  ? D
  : Extract<On, EventDefinition>;

/** Filters on attributes in Knative's dialect; a trigger delivers what passes all of them. */
export type Filter =
  | { readonly exact: Readonly<Record<string, string>> }
  | { readonly prefix: Readonly<Record<string, string>> }
  | { readonly suffix: Readonly<Record<string, string>> }
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter }
  | { readonly cesql: string };

export interface EmitOptions {
  /** Extension attributes to add (lower-case letters and digits). */
  readonly extensions?: Readonly<Record<string, string>>;
}

/**
 * Publishes an event when the transaction commits; nothing is sent when it rolls back.
 * The order of calls is the order of the events (and their ids), also without `await` between them.
 * @throws SchemaViolationError when the payload does not fit the event's schema
 */
export type Emit<Emits extends readonly EventDefinition[]> = <E extends Emits[number]>(
  definition: E,
  data: NoInfer<DataOf<E>>,
  options?: EmitOptions,
) => Promise<void>;

export interface AfterOptions extends EmitOptions {
  /** Unique in the service, to cancel or replace the timer by. Default: the event's id. */
  readonly name?: string;
}

/**
 * Publishes an event when the time is over, counted from the commit on; no process waits for it. Resolves to the timer's name. A timer that has the
 * name already is replaced. It may go off while it is being cancelled, so who takes the event looks whether it still matters.
 * @throws SchemaViolationError when the payload does not fit the event's schema
 */
export type After<Emits extends readonly EventDefinition[]> = <E extends Emits[number]>(
  duration: DurationString,
  definition: E,
  data: NoInfer<DataOf<E>>,
  options?: AfterOptions,
) => Promise<string>;

/** Takes back what `after` promised, when the transaction commits; a timer that is not there, or went off, is no mistake. */
export type Cancel = (name: string) => Promise<void>;
