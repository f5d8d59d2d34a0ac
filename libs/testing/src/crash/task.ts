import { Secret } from '@ebb/core';
import type { Handled, Message } from '../host.ts';
import type { Place } from '../points.ts';

/** What a process is to do, and where it is to die. As text it becomes a part of the program. */
export interface CrashTask {
  /** Which export of the module is tested. */
  readonly tested: { readonly kind: 'function' | 'service'; readonly name: string };
  readonly message: Omit<Message, 'body'> & { readonly body: string };
  readonly place: Place;
  readonly database?: { readonly url: string; readonly schema: string };
  readonly config: readonly ConfigEntry[];
}

/** A secret does not show itself in JSON. */
export type ConfigEntry = readonly [name: string, value: unknown, kind: 'plain' | 'secret'];

/** Begins the line that tells how a message was handled whose process did not come to the point. */
export const HANDLED = 'ebb-handled ';

/** How the process ended: killed by itself at the point, or after it had answered. */
export type Ended = { readonly as: 'crashed' } | { readonly as: 'answered'; readonly handled: Handled };

export function configEntries(config: Readonly<Record<string, unknown>>): readonly ConfigEntry[] {
  return Object.entries(config).map(([name, value]) =>
    value instanceof Secret ? [name, value.reveal(), 'secret'] : [name, value, 'plain'],
  );
}

export function configOf(entries: readonly ConfigEntry[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    entries.map(([name, value, kind]) => [name, kind === 'secret' ? new Secret(value as string) : value]),
  );
}
