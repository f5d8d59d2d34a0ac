import { EbbError } from '@ebb/core';
import type { PublishReceipt, PublishRequest } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { givenData } from '../given-data.ts';
import { givenText } from './given-text.ts';
import { print, printJson } from '../output.ts';
import { targetOf, withTarget, type TargetOptions } from '../target/target.ts';

interface Options extends TargetOptions {
  example?: boolean;
  data?: string;
  file?: string;
  id?: string;
  source?: string;
  subject?: string;
  kafka?: string;
  topic?: string;
  json?: boolean;
}

export const publish = (): Command =>
  withTarget(new Command('publish').description('Publish an event; its data is checked against the schema first'))
    .argument('<type>', 'event type, such as dev.ebb.orders.order.placed.v1', givenText)
    .option('--example', "send the example of the event's definition")
    .option('--data <json>', 'the data, as JSON')
    .option('--file <path>', 'read the data from a file')
    .option('--id <id>', 'the event id; the same source and id take effect once (default: a new one)')
    .option('--source <uri>', 'the event source', '/cli')
    .option(
      '--subject <subject>',
      'the entity that the event is about, and its key (default: what the definition takes from the data)',
    )
    .option('--kafka <address>', 'publish straight into this Kafka (host:port); no Ebb need run')
    .option('--topic <topic>', 'with --kafka: the topic (default: that of the definition, where an Ebb runs)')
    .option('--json', 'print the receipt as JSON')
    .addHelpText(
      'after',
      `
Examples:
  ebb publish dev.ebb.orders.order.placed.v1 --example
  ebb publish dev.ebb.orders.order.placed.v1 --file order.json
  ebb publish com.example.made --kafka localhost:9092 --topic made --data '{}'
  cat order.json | ebb publish dev.ebb.orders.order.placed.v1
  ebb publish dev.ebb.orders.order.placed.v1 --example --context kind-ebb`,
    )
    .action(async (type: string, options: Options) => {
      const receipt = await (options.kafka === undefined
        ? publishToEbb(type, options)
        : publishTo(options.kafka, type, options));
      if (options.json) printJson(receipt);
      else printReceipt(receipt, options);
    });

async function publishToEbb(type: string, options: Options): Promise<PublishReceipt> {
  if (options.topic !== undefined)
    throw new EbbError('EBB_USAGE', '--topic goes with --kafka: here the definition says the topic');
  const { id, source, subject } = options;
  return (await targetOf(options)).publish({
    type,
    ...(await content(options)),
    ...(id !== undefined && { id }),
    ...(source !== undefined && { source }),
    ...(subject !== undefined && { subject }),
  } satisfies PublishRequest);
}

async function publishTo(address: string, type: string, options: Options): Promise<PublishReceipt> {
  const { publishToKafka } = await import('../kafka/publish.ts');
  const { data } = await content(options);
  const { id, source = '/cli', subject, topic } = options;
  return publishToKafka({ address, type, data, id, source, subject, topic });
}

async function content(options: Options): Promise<Pick<PublishRequest, 'example' | 'data'>> {
  const given = [options.example, options.data, options.file].filter((option) => option !== undefined);
  if (given.length > 1) throw new EbbError('EBB_USAGE', 'give one of --example, --data and --file');
  if (options.example) return { example: true };
  return { data: await givenData(options, ['--example']) };
}

function printReceipt({ id, type, topic, traceId }: PublishReceipt, { kafka, context }: Options): void {
  print(`${pc.green('published')} ${type} to topic ${topic}`);
  print(`  id     ${id}`);
  print(`  trace  ${traceId}`);
  const where = context === undefined ? '' : ` --context ${context}`;
  if (kafka === undefined)
    print(pc.dim(`  follow it with: npx ebb trace ${context === undefined ? id : traceId}${where}`));
}
