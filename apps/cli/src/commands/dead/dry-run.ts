import type { DryRunReport } from '@ebb/local/client';
import pc from 'picocolors';
import { print, printable } from '../../output.ts';
import { withSourcePlaces } from './source-places.ts';

const OUTCOMES = {
  done: pc.green('It would take effect.'),
  parked: pc.red('It would be parked again.'),
  retry: pc.yellow('It would fail, and be tried again.'),
} as const;

/** What a handler would do, and that nothing of it was kept. */
export function printDryRun(id: string, { outcome, error, events, timers, cancelled, rows }: DryRunReport): void {
  print(`${pc.bold(`Dry run of ${id}`)}: ${OUTCOMES[outcome]} Everything was rolled back.`);
  if (error) lines('Error', withSourcePlaces(error.stack ?? `${error.name}: ${error.message}`, new Date()).split('\n'));
  for (const { table, inserted, updated, deleted, rows: changed } of rows) {
    lines(
      `Table ${table}: ${inserted} inserted, ${updated} updated, ${deleted} deleted`,
      changed.map((row) => JSON.stringify(row)),
    );
  }
  if (events.length > 0) {
    lines(
      'Events',
      events.map(
        ({ topic, event }) =>
          `${typeof event.type === 'string' ? event.type : '?'} to ${topic}: ${JSON.stringify(event.data)}`,
      ),
    );
  }
  if (timers.length > 0)
    lines(
      'Timers',
      timers.map((timer) => JSON.stringify(timer)),
    );
  if (cancelled.length > 0) lines('Timers taken back', cancelled);
  if (rows.length === 0 && events.length === 0 && !error) print('  It would write nothing and emit nothing.');
}

function lines(title: string, texts: readonly string[]): void {
  print(`\n${pc.bold(title)}`);
  for (const text of texts) print(`  ${printable(text)}`);
}
