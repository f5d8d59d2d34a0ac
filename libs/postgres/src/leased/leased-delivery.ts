import { createHash } from 'node:crypto';
import { targetOf, type CloudEvent } from '@ebb/events';
import type { DeliveryKey, Transaction } from '../database.ts';
import type { OnCrashPoint } from '../delivery/crash-point.ts';
import type { OpenTransaction } from '../open-transaction.ts';
import { redeliveryOf } from '../redelivery/redelivery.ts';
import type { StepJournal } from '../steps/journal.ts';
import { stopWaiting, takeSignal, writeWait, type Awaited } from '../wait/waits.ts';
import type { HeldLease } from './lease.ts';

const IS_PENDING = 'SELECT FROM timer WHERE name = $1';

/** How waiting for an event went: `suspended`: the lease was given back, and the delivery is woken later. */
export type WaitEnd =
  { readonly as: 'came'; readonly event: CloudEvent } | { readonly as: 'timed-out' } | { readonly as: 'suspended' };

export interface LeasedDeliveryOptions {
  readonly service: string;
  readonly onPoint: OnCrashPoint | undefined;
}

/** What the handler of a leased function does to its delivery. Each call is one transaction, and counts only while the lease is held. */
export class LeasedDelivery {
  readonly steps: StepJournal;
  readonly #lease: HeldLease;
  readonly #delivery: DeliveryKey;
  readonly #options: LeasedDeliveryOptions;

  constructor(lease: HeldLease, steps: StepJournal, delivery: DeliveryKey, options: LeasedDeliveryOptions) {
    this.#lease = lease;
    this.steps = steps;
    this.#delivery = delivery;
    this.#options = options;
  }

  get attempt(): number {
    return this.#lease.attempt;
  }

  /** Aborted when another process has taken over. */
  get signal(): AbortSignal {
    return this.#lease.signal;
  }

  /** Rows, events and the step's output are committed together. `run` may run again when PostgreSQL turns it back. */
  async transaction<T>(name: string, run: (tx: Transaction) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { onPoint } = this.#options;
    const value = await this.#lease.transaction(async (tx, raw) => {
      const output = await run(tx);
      await this.steps.writeIn(raw, name, { state: 'done', output });
      if (onPoint) await onPoint('before-commit', name);
      return output;
    }, signal);
    if (onPoint) await onPoint('after-commit', name);
    return value;
  }

  /** The end of the handler, committed together with what `run` writes. */
  async finish(run: (tx: Transaction) => Promise<void>): Promise<void> {
    const { onPoint } = this.#options;
    await this.#lease.finish(async (tx) => {
      await run(tx);
      if (onPoint) await onPoint('before-finish');
    });
    if (onPoint) await onPoint('after-finish');
  }

  /**
   * Sleeps: gives the lease back for a time, or resolves to true when that time is over. Whether it is over, the timer tells: PostgreSQL's clock
   * is the only one.
   */
  async sleep(name: string, ms: number, signal?: AbortSignal): Promise<boolean> {
    const hasSlept = await this.#lease.transaction(async (tx, raw) => {
      const isOver = this.steps.get(name) !== undefined && !(await isPending(raw, this.#timer(name)));
      if (isOver) await this.steps.writeIn(raw, name, { state: 'done' });
      else await this.#suspend(tx, raw, name, ms);
      return isOver;
    }, signal);
    if (!hasSlept) await this.#options.onPoint?.('suspended', name);
    return hasSlept;
  }

  async waitFor(name: string, awaited: Awaited, ms: number, signal?: AbortSignal): Promise<WaitEnd> {
    const waiter = { delivery: this.#lease.key, name };
    const end = await this.#lease.transaction<WaitEnd>(async (tx, raw) => {
      const event = await takeSignal(raw, awaited, waiter);
      const isOver = this.steps.get(name) !== undefined && !(await isPending(raw, this.#timer(name)));
      if (!event && !isOver) {
        await writeWait(raw, awaited, { ...waiter, redelivery: this.#redelivery().event });
        await this.#suspend(tx, raw, name, ms);
        return { as: 'suspended' };
      }
      await stopWaiting(raw, waiter);
      await tx.cancel(this.#timer(name));
      await this.steps.writeIn(raw, name, { state: 'done', output: event ?? null });
      return event ? { as: 'came', event } : { as: 'timed-out' };
    }, signal);
    if (end.as === 'suspended') await this.#options.onPoint?.('suspended', name);
    return end;
  }

  /** The first time a timer is set; a delivery that was woken early goes on waiting for the same one. */
  async #suspend(tx: Transaction, raw: OpenTransaction, name: string, afterMs: number): Promise<void> {
    if (!this.steps.get(name)) {
      await this.steps.writeIn(raw, name, { state: 'intent' });
      await tx.schedule({ ...this.#redelivery(), name: this.#timer(name), afterMs });
    }
    await this.#lease.suspend(raw);
  }

  #redelivery() {
    return redeliveryOf(this.#delivery.event.event, targetOf(this.#options.service, this.#delivery.fn));
  }

  #timer(name: string): string {
    const { fn, source, eventId } = this.#lease.key;
    return `wake:${createHash('sha256').update([fn, source, eventId, name].join('\u0000')).digest('hex')}`;
  }
}

async function isPending(tx: OpenTransaction, timer: string): Promise<boolean> {
  return (await tx.query({ text: IS_PENDING, values: [timer], span: 'SELECT timer' })).rowCount === 1;
}
