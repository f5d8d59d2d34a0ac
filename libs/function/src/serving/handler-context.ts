import type { Logger } from '@ebb/core';
import type { Transaction } from '@ebb/postgres';
import type { Span } from '@opentelemetry/api';

import type { FunctionContext } from '../definition/function.ts';
import { missingDatabase } from './database.ts';
import type { Deadline } from './deadline.ts';
import type { Emitter } from './emitter.ts';
import type { ServiceRuntime } from './runtime.ts';

export interface HandlerContextParts {
  readonly runtime: ServiceRuntime;
  /** Undefined in a service without a database. */
  readonly tx: Transaction | undefined;
  readonly emitter: Emitter;
  readonly deadline: Deadline;
  readonly span: Span;
  readonly log: () => Logger;
}

/**
 * The context of a transactional handler. What has its price is got when it is asked for: a logger, a signal, and the attempt, which takes a claim
 * first.
 */
export class HandlerContext implements FunctionContext {
  readonly db: FunctionContext['db'];
  readonly emit: FunctionContext['emit'];
  readonly after: FunctionContext['after'];
  readonly cancel: FunctionContext['cancel'];
  readonly config: FunctionContext['config'];
  readonly traceId: string;
  readonly #parts: HandlerContextParts;
  #log: Logger | undefined;

  constructor(parts: HandlerContextParts) {
    const { runtime, tx, emitter, span } = parts;
    this.#parts = parts;
    this.db = tx?.db ?? missingDatabase(runtime.definition.name);
    this.emit = emitter.emit;
    this.after = emitter.after;
    this.cancel = emitter.cancel;
    this.config = runtime.config;
    this.traceId = span.spanContext().traceId;
  }

  get log(): Logger {
    return (this.#log ??= this.#parts.log());
  }

  get signal(): AbortSignal {
    return this.#parts.deadline.signal;
  }

  get attempt(): number {
    return this.#parts.tx?.attempt ?? 1;
  }
}
