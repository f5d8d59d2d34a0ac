import { derivedId, durationMs, RetryableError, TerminalError } from '@ebb/core';
import { UnknownEffectError, type Database, type LeasedDelivery, type StepState } from '@ebb/postgres';
import { inSpan, type Telemetry } from '@ebb/telemetry';

import type { CircuitOptions, StepCall, StepOptions } from '../definition/leased.ts';
import { outputOf } from './step-output.ts';

const MAX_NAME_LENGTH = 200;
const RESERVED = /^(undo|saga):/;
const SAGA = 'saga:';
const CIRCUIT = { failures: 5, openFor: '30s' } as const;

export interface StepsOptions {
  readonly leased: LeasedDelivery;
  readonly database: Pick<Database, 'circuit'>;
  readonly tracer: Telemetry['tracer'];
  readonly signal: AbortSignal;
  /** Tells this delivery from all others: what the keys of its steps are derived from. */
  readonly key: string;
  /** How often a person has sent the event on. */
  readonly redrives: number;
  readonly timeoutMs: number;
}

export interface PerformOptions<T> extends StepOptions<T> {
  /** Whether a failure for good is the step's result, or the step stays to be done. Default `remember`. */
  readonly onFailed?: 'remember' | 'forget';
}

/** What a step that has no output yet remembers. */
interface Note {
  readonly redrives: number;
}

/** Performs the steps of one run, each effect once as far as anybody can know, and remembers them. */
export class Steps {
  readonly #options: StepsOptions;
  readonly #names = new Set<string>();

  constructor(options: StepsOptions) {
    this.#options = options;
  }

  /** What an earlier run gave; undefined when the step is still to be done. @throws TerminalError for a name that is taken */
  remembered(name: string): StepState | undefined {
    this.#take(name);
    return this.#options.leased.steps.get(name);
  }

  async perform<T>(name: string, effect: (call: StepCall) => Promise<T>, options: PerformOptions<T> = {}): Promise<T> {
    if (options.onUnknown === 'verify' && !options.verify) {
      throw new TerminalError(`step "${name}" is to be verified, and has no "verify"`);
    }
    const known = this.remembered(name);
    if (known?.state === 'done') return known.output as T;
    const call = { key: derivedId(`${this.#options.key}\u0000step\u0000${name}`), signal: this.#options.signal };
    const { tracer } = this.#options;
    return inSpan(tracer, `step ${name}`, { attributes: { 'ebb.step': name } }, async () => {
      const found = known && (await this.#resume(name, known, options, call));
      if (found?.done) return this.#remember(name, found.output);
      const { steps } = this.#options.leased;
      await steps.write(name, { state: 'intent', output: this.#note() });
      return this.#remember(name, await this.#attempt(name, effect, options, call));
    });
  }

  /** What is known of an effect that was begun before. @throws TerminalError · UnknownEffectError */
  async #resume<T>(name: string, known: StepState, { onUnknown = 'retry', verify }: StepOptions<T>, call: StepCall) {
    // A person who sends an event on has seen how the step stood, and wants it done again.
    if (this.#options.redrives > ((known.output as Note | null) ?? { redrives: 0 }).redrives) return undefined;
    if (known.state === 'failed') throw new TerminalError(known.error ?? `step "${name}" failed before`);
    if (onUnknown === 'verify' && verify) return verify(call);
    if (onUnknown === 'retry') return undefined;
    throw new UnknownEffectError(
      `nobody knows whether step "${name}" took effect: it was begun, and its process ended before it was written down`,
    );
  }

  async #attempt<T>(
    name: string,
    effect: (call: StepCall) => Promise<T>,
    { circuit, onFailed = 'remember' }: PerformOptions<T>,
    call: StepCall,
  ): Promise<T> {
    const { steps } = this.#options.leased;
    try {
      const perform = () => effect(call);
      return await (circuit ? this.#circuit(circuit).run(perform, call.signal) : perform());
    } catch (error) {
      // Its author says so: it did not happen. After anything else nobody knows, and the intent stays.
      if (error instanceof TerminalError && onFailed === 'remember') {
        await steps.write(name, { state: 'failed', error: error.message, output: this.#note() });
      } else if (error instanceof TerminalError || error instanceof RetryableError) await steps.forget(name);
      throw error;
    }
  }

  async #remember<T>(name: string, value: T): Promise<T> {
    const output = outputOf(name, value);
    await this.#options.leased.steps.write(name, { state: 'done', output });
    return output;
  }

  #note(): Note {
    return { redrives: this.#options.redrives };
  }

  #circuit({ name, failures = CIRCUIT.failures, openFor = CIRCUIT.openFor }: CircuitOptions) {
    const { database, timeoutMs } = this.#options;
    return database.circuit({ name, failures, openForMs: durationMs(openFor), probeForMs: timeoutMs });
  }

  /** @throws TerminalError for a name that a step or a saga of a handler cannot have */
  assertName(name: string, of: 'step' | 'saga' = 'step'): void {
    const wrong = RESERVED.test(name)
      ? 'begins with what the names of compensations and sagas begin with'
      : name === '' || name.length > MAX_NAME_LENGTH
        ? `must have 1 to ${MAX_NAME_LENGTH} characters`
        : undefined;
    if (wrong !== undefined) throw new TerminalError(`${of} "${name}" ${wrong}`);
  }

  #take(name: string): void {
    if (this.#names.has(name)) {
      const [kind, shown] = name.startsWith(SAGA) ? ['saga', name.slice(SAGA.length)] : ['step', name];
      throw new TerminalError(`${kind} "${shown}" was used before: each ${kind} of a function needs a name of its own`);
    }
    this.#names.add(name);
  }
}
