import { durationMs, EbbError } from '@ebb/core';
import { DEAD_REASONS, type DeadFilter, type DeadReason } from '@ebb/local/client';
import { Option, type Command } from 'commander';

/** The options that choose among all. */
export interface FilterOptions {
  reason?: DeadReason;
  service?: string;
  function?: string;
  type?: string;
  key?: string;
  since?: string;
  until?: string;
}

export function withFilter(command: Command): Command {
  return command
    .addOption(new Option('--reason <reason>', 'why it is parked').choices(DEAD_REASONS))
    .option('--service <name>', 'of this service; "platform" for what no service with a database keeps')
    .option('--function <name>', 'of this function, such as reserve-stock or inventory/reserve-stock')
    .option('--type <type>', 'of this event type; a trailing * stands for any ending')
    .option('--key <key>', 'with this partition key')
    .option('--since <time>', 'parked since this time, or this long ago: 2026-01-31T12:00:00Z, 30m, 2d')
    .option('--until <time>', 'parked before this time, or this long ago');
}

/** @throws EbbError EBB_USAGE for a time that is none */
export function filterOf(options: FilterOptions, nowMs: number): DeadFilter {
  const { reason, service, function: fn, type, key, since, until } = options;
  return {
    ...(reason !== undefined && { reason }),
    ...(service !== undefined && { service }),
    ...(fn !== undefined && { function: fn }),
    ...(type !== undefined && { type }),
    ...(key !== undefined && { key }),
    ...(since !== undefined && { since: timeOf('--since', since, nowMs) }),
    ...(until !== undefined && { until: timeOf('--until', until, nowMs) }),
  };
}

export function isEmpty(filter: DeadFilter): boolean {
  return Object.keys(filter).length === 0;
}

/** As query of a URL. */
export function queryOf(filter: DeadFilter, more: Readonly<Record<string, string>> = {}): string {
  const entries = Object.entries(filter).map(([name, value]): [string, string] => [
    name,
    value === true ? '1' : String(value),
  ]);
  return new URLSearchParams([...entries, ...Object.entries(more)]).toString();
}

const ISO = /^\d{4}-\d\d-\d\d/;

function timeOf(option: string, text: string, nowMs: number): string {
  const at = ISO.test(text) ? Date.parse(text) : nowMs - spanMs(option, text);
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new EbbError('EBB_USAGE', `${option} ${text}: this is no time`);
}

function spanMs(option: string, text: string): number {
  try {
    return durationMs(text);
  } catch {
    throw new EbbError(
      'EBB_USAGE',
      `${option} ${text}: must be a time like 2026-01-31T12:00:00Z, or a span like 30m or 2d`,
    );
  }
}
