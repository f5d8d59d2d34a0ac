import type { ClientRequest, IncomingMessage } from 'node:http';
import { HttpProblem, messageOf } from '@ebb/core';
import { TIMEOUT_TEXT } from '@ebb/knative';
import { inSpan, parseTraceparent, traceparentOf } from '@ebb/telemetry';
import { SpanKind, type Span, type SpanContext, type Tracer } from '@opentelemetry/api';
import type { Held } from './activator.ts';
import { RevisionRetiredError } from './errors.ts';
import type { Instance } from './instance.ts';
import type { Revision } from './revision.ts';
import { NotDeliveredError, send, type Outgoing } from './send.ts';

/** Where a call goes, and what it says. */
export interface CallOptions {
  readonly service: string;
  /** The revision that takes the call now; asked again when that one retires while the call is held. */
  readonly route: () => Revision;
  readonly tracer: Tracer;
  /** Bytes of the body that are held in memory while the call waits. */
  readonly heldBytes: number;
  /** The span that a wait belongs to; asked only when there is one. */
  readonly parent: () => SpanContext | undefined;
  /** @param traceparent of the wait's span, to replace the request's own; undefined when the call did not wait */
  readonly outgoing: (traceparent: string | undefined) => Outgoing;
}

interface Lease {
  readonly revision: Revision;
  readonly instance: Instance;
}

/** One request on its way through activator and queue proxy, under the revision's timeouts. */
export class Call {
  /** Why it ended early. */
  cancelled: Error | undefined;
  readonly #options: CallOptions;
  readonly #arrivedAt = performance.now();
  readonly #timers = new Set<NodeJS.Timeout>();
  #idle: NodeJS.Timeout | undefined;
  #held: Held | undefined;
  #out: ClientRequest | undefined;
  #answer: IncomingMessage | undefined;
  #traceparent: string | undefined;

  constructor(options: CallOptions) {
    this.#options = options;
  }

  /**
   * Waits for an instance, sends the request, and resolves with the answer as soon as its headers are there. The instance
   * counts the call until the answer is closed.
   * @throws HttpProblem what to answer instead · the reason of {@link cancel}
   */
  async run(): Promise<IncomingMessage> {
    try {
      this.#limit(this.#options.route().settings.timeoutMs);
      for (;;) {
        const lease = await this.#acquire();
        const answer = await this.#deliver(lease);
        if (answer) return answer;
      }
    } catch (error) {
      this.#finish();
      throw error;
    }
  }

  /** Ends the call wherever it is. */
  cancel(reason: Error): void {
    if (this.cancelled) return;
    this.cancelled = reason;
    this.#held?.abandon(reason);
    this.#answer?.destroy();
    this.#out?.destroy(reason);
  }

  /** Bytes passed in either direction. */
  touch(): void {
    this.#idle?.refresh();
  }

  async #acquire(): Promise<Lease> {
    const revision = this.#options.route();
    const instance = revision.activator.tryEnter();
    if (instance) return { revision, instance };
    const { tracer, service, parent } = this.#options;
    const from = parent();
    const options = { kind: SpanKind.INTERNAL, startTime: this.#startTime(), ...(from && { parent: from }) };
    return inSpan(tracer, `activate ${service}`, options, async (span) => {
      const lease = await this.#wait(revision);
      this.#describe(span, lease);
      const traceparent = traceparentOf(span);
      // A tracer that records nothing has no context to hand on.
      if (parseTraceparent(traceparent)) this.#traceparent = traceparent;
      return lease;
    });
  }

  async #wait(first: Revision): Promise<Lease> {
    for (let revision = first; ; revision = this.#options.route()) {
      this.#throwIfCancelled();
      this.#held = revision.hold(this.#options.heldBytes);
      try {
        return { revision, instance: await this.#held.granted };
      } catch (error) {
        if (!(error instanceof RevisionRetiredError)) throw error;
      } finally {
        this.#held = undefined;
      }
    }
  }

  #describe(span: Span, { revision, instance }: Lease): void {
    span.setAttributes({
      'ebb.revision': revision.name,
      'ebb.queue_ms': performance.now() - this.#arrivedAt,
      ...(instance.readyAt > this.#arrivedAt && { 'ebb.cold_start_ms': instance.process.coldStartMs ?? 0 }),
    });
  }

  /** The answer; undefined when the instance cannot have received anything, so that the call may go elsewhere. */
  async #deliver({ revision, instance }: Lease): Promise<IncomingMessage | undefined> {
    const release = (): void => {
      revision.activator.leave(instance);
    };
    const { responseStartTimeoutMs, idleTimeoutMs } = revision.settings;
    const responseStart = this.#limit(responseStartTimeoutMs);
    this.#idle = this.#limit(idleTimeoutMs);
    try {
      this.#throwIfCancelled();
      const answer = await send(instance, this.#options.outgoing(this.#traceparent), (out) => (this.#out = out));
      clearTimeout(responseStart);
      this.#answer = answer;
      answer.once('close', () => {
        this.#finish();
        if (!answer.complete && !this.cancelled) void revision.suspect(instance);
        release();
      });
      return answer;
    } catch (error) {
      clearTimeout(responseStart);
      clearTimeout(this.#idle);
      const isBroken = !this.cancelled && !(error instanceof NotDeliveredError);
      if (isBroken) void revision.suspect(instance);
      release();
      this.#throwIfCancelled();
      if (!(error instanceof NotDeliveredError)) throw lost(instance, error);
      if (error.isRefused) revision.lost(instance, error.message);
      return undefined;
    }
  }

  /** Ends the call with 504 after a time; 0 is no limit. */
  #limit(ms: number): NodeJS.Timeout | undefined {
    if (ms === 0) return undefined;
    const timer = setTimeout(() => this.cancel(new HttpProblem(504, TIMEOUT_TEXT)), ms);
    this.#timers.add(timer);
    return timer;
  }

  #throwIfCancelled(): void {
    if (this.cancelled) throw this.cancelled;
  }

  #finish(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #startTime(): number {
    return Date.now() - (performance.now() - this.#arrivedAt);
  }
}

function lost(instance: Instance, error: unknown): HttpProblem {
  const what = instance.process.isAlive ? 'closed the connection' : 'ended';
  return new HttpProblem(502, `the service ${what} before it answered: ${messageOf(error)}`);
}
