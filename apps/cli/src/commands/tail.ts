import { EbbError, humanDuration } from '@ebb/core';
import type { TailEvent } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import type { KafkaEntry } from '../kafka/tail.ts';
import { print, printable, printJson } from '../output.ts';
import { targetOf, withTarget, type TargetOptions } from '../target/target.ts';

interface Options extends TargetOptions {
  type?: string;
  subject?: string;
  kafka?: string;
  topic?: string;
  from: string;
  json?: boolean;
}

export const tail = (): Command =>
  withTarget(new Command('tail').description('Show events as they pass, until Ctrl-C'))
    .option('--type <type>', 'only this event type; a trailing * matches any ending')
    .option('--subject <subject>', 'only events about this entity')
    .option('--kafka <address>', 'read a topic of this Kafka (host:port); no Ebb need run')
    .option('--topic <topic>', 'with --kafka: the topic')
    .option('--from <place>', 'with --kafka: where to start, begin or end', 'end')
    .option('--json', 'print one JSON document per line')
    .addHelpText(
      'after',
      "\nIn a cluster it shows what arrives in the topics; the deliveries are Knative's, which has its own log of them.\n\nExamples:\n  ebb tail\n  ebb tail --type 'dev.ebb.orders.*'\n  ebb tail --json | jq .type\n  ebb tail --kafka localhost:9092 --topic orders --from begin\n  ebb tail --context kind-ebb",
    )
    .action(async (options: Options) => {
      const interrupted = new AbortController();
      process.once('SIGINT', () => interrupted.abort());
      if (options.kafka !== undefined) {
        await tailOf(options.kafka, options, interrupted.signal);
        return;
      }
      if (options.topic !== undefined) throw new EbbError('EBB_USAGE', '--topic goes with --kafka');
      const { type, subject } = options;
      const filter = { ...(type && { type }), ...(subject && { subject }) };
      const target = await targetOf(options);
      for await (const event of target.tail(filter, interrupted.signal)) {
        if (options.json) printJson(event);
        else print(lineOf(event));
      }
    });

async function tailOf(address: string, options: Options, signal: AbortSignal): Promise<void> {
  const { topic, from } = options;
  if (topic === undefined) throw new EbbError('EBB_USAGE', '--kafka reads one topic: give --topic');
  if (from !== 'begin' && from !== 'end') throw new EbbError('EBB_USAGE', `--from ${from}: must be begin or end`);
  const { tailKafka } = await import('../kafka/tail.ts');
  const show = (entry: KafkaEntry): void => {
    if (!isWanted(entry, options)) return;
    if (options.json) printJson(entry);
    else print(recordLine(entry));
  };
  await tailKafka({ address, topic, from, signal, show });
}

/** What is no event has neither type nor subject: it is shown to whoever asks for neither. */
function isWanted(entry: KafkaEntry, { type, subject }: Options): boolean {
  if (!('event' in entry)) return type === undefined && subject === undefined;
  const has = entry.event.type;
  const isType = type?.endsWith('*') ? has.startsWith(type.slice(0, -1)) : type === undefined || has === type;
  return isType && (subject === undefined || entry.event.subject === subject);
}

function recordLine(entry: KafkaEntry): string {
  const time = pc.dim(new Date(entry.at).toISOString().slice(11, 23));
  const place = `${entry.topic}/${entry.partition}@${entry.offset}`;
  if (!('event' in entry)) {
    return `${time} ${pc.yellow('○')} no event: ${printable(entry.noEvent)} ${pc.dim(`${place} ${entry.bytes} bytes`)}`;
  }
  const { type, subject, id, data } = entry.event;
  const shown = data === undefined ? '' : ` ${printable(JSON.stringify(data))}`;
  const about = printable(subject ?? '');
  return `${time} ${MARKS.received} ${pc.bold(printable(type))} ${about} ${pc.dim(`${place} id=${printable(id)}`)}${shown}`;
}

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
