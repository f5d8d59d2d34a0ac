import type { OutboxEvent } from '../database.ts';

/** When a timer is due: a moment, or a span from the commit on, by the clock of the database either way it is compared. */
export type Due =
  { readonly dueAt: Date; readonly afterMs?: undefined } | { readonly afterMs: number; readonly dueAt?: undefined };

/** An event that is published at its time. The name is unique in the schema: scheduling it again moves the timer. */
export type Timer = OutboxEvent & Due & { readonly name: string };
