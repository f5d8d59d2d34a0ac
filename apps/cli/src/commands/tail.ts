import { humanDuration } from '@ebb/core';
import type { TailEvent } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { ControlClient } from '../client.ts';
import { print, printable, printJson } from '../output.ts';

interface Options {
  type?: string;
  subject?: string;
  json?: boolean;
}

export const tail = (): Command =>
  new Command('tail')
    .description('Show events as they pass, until Ctrl-C')
    .option('--type <type>', 'only this event type; a trailing * matches any ending')
    .option('--subject <subject>', 'only events about this entity')
    .option('--json', 'print one JSON document per line')
    .addHelpText('after', "\nExamples:\n  ebb tail\n  ebb tail --type 'dev.ebb.orders.*'\n  ebb tail --json | jq .type")
    .action(async (options: Options) => {
      const interrupted = new AbortController();
      process.once('SIGINT', () => interrupted.abort());
      const query = new URLSearchParams();
      if (options.type) query.set('type', options.type);
      if (options.subject) query.set('subject', options.subject);
      const events = new ControlClient().stream<TailEvent>(`/events?${query.toString()}`, interrupted.signal);
      for await (const event of events) {
        if (options.json) printJson(event);
        else print(lineOf(event));
      }
    });

const MARKS = {
  received: pc.cyan('●'),
  delivered: pc.green('  ✓'),
  retrying: pc.yellow('  ↻'),
  'dead-lettered': pc.red('  ✗'),
} as const;

function lineOf(event: TailEvent): string {
  const time = pc.dim(new Date(event.at).toISOString().slice(11, 23));
  return `${time} ${MARKS[event.kind]} ${event.kind === 'received' ? received(event) : outcome(event)}`;
}

/** Attributes come from whoever published: they must not repaint the terminal. */
function received(event: Extract<TailEvent, { kind: 'received' }>): string {
  const place = `${event.topic}/${event.partition}@${event.offset}`;
  return `${pc.bold(printable(event.type))} ${printable(event.subject ?? '')} ${pc.dim(`${place} id=${printable(event.id)}`)}`;
}

function outcome(event: Exclude<TailEvent, { kind: 'received' }>): string {
  const attempt = event.attempt > 1 ? ` attempt ${event.attempt}` : '';
  const result = [event.status, event.reason].filter((part) => part !== undefined).join(' ');
  const figures = pc.dim(`${humanDuration(event.durationMs)} ${printable(event.type)}`);
  return `${event.kind} ${event.trigger}${attempt} ${printable(result)} ${figures}`;
}
