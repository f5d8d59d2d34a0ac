import { messageOf } from '@ebb/core';
import type { WorkerContext } from '@ebb/function';

/** The relay is ready when all of its parts are: the log, and each outbox. */
export class Readiness {
  readonly #context: Pick<WorkerContext, 'ready' | 'notReady'>;
  readonly #reasons: Map<string, string>;

  constructor(context: Pick<WorkerContext, 'ready' | 'notReady'>, parts: readonly string[]) {
    this.#context = context;
    this.#reasons = new Map(parts.map((part) => [part, `${part}: not reached yet`]));
    this.#tell();
  }

  succeed(part: string): void {
    if (this.#reasons.delete(part)) this.#tell();
  }

  fail(part: string, error: unknown): void {
    const reason = `${part}: ${messageOf(error)}`;
    if (this.#reasons.get(part) === reason) return;
    this.#reasons.set(part, reason);
    this.#tell();
  }

  #tell(): void {
    if (this.#reasons.size === 0) this.#context.ready();
    else this.#context.notReady([...this.#reasons.values()].join('; '));
  }
}
