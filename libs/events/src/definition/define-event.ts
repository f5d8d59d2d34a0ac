import type { StandardSchemaV1 } from '@standard-schema/spec';
import { EbbError } from '@ebb/core';
import type { EventDefinition } from './event-definition.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { parseData } from './parse-data.ts';

/** Reverse DNS, what happened, and the version of its shape. */
const TYPE = /^[a-z][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*){2,}\.v[1-9]\d*$/;
/** A DNS label, because the topic's Broker has the same name; it is a legal name for Kafka as well. */
const TOPIC = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export interface EventOptions<Schema extends StandardSchemaV1> {
  /** The topic of the event's domain, such as `orders`. */
  readonly topic: string;
  /** Any Standard Schema; to be published, it must be able to give JSON Schema. */
  readonly data: Schema;
  readonly example: StandardSchemaV1.InferOutput<Schema>;
  readonly description?: string;
  /** The id of the entity that the event is about. */
  key(data: StandardSchemaV1.InferOutput<Schema>): string;
}

/**
 * Defines a type of event, such as `dev.ebb.orders.order.placed.v1`. The example is not checked here, which would cost every start of a
 * function: see {@link checkExample}.
 * @throws EbbError EBB_DEFINITION when the type or the topic is not well formed
 */
export function defineEvent<const Type extends string, Schema extends StandardSchemaV1>(
  type: Type,
  options: EventOptions<Schema>,
): EventDefinition<Type, StandardSchemaV1.InferOutput<Schema>> {
  type Data = StandardSchemaV1.InferOutput<Schema>;
  if (!TYPE.test(type)) {
    throw new EbbError(
      'EBB_DEFINITION',
      `"${type}" is no event type: write it in reverse DNS, in the past tense and with a version, like dev.ebb.orders.order.placed.v1`,
    );
  }
  if (!TOPIC.test(options.topic)) {
    throw new EbbError(
      'EBB_DEFINITION',
      `the topic "${options.topic}" of ${type} must have lower-case letters, digits and hyphens, at most 63`,
    );
  }
  const schema = options.data as StandardSchemaV1<unknown, Data>;
  return {
    type,
    topic: options.topic,
    schema,
    example: options.example,
    ...(options.description !== undefined && { description: options.description }),
    key: (data) => options.key(data),
    parse: (data) => parseData(schema, data, type),
    jsonSchema: () => jsonSchemaOf(schema, type),
  };
}

/**
 * Checks a definition's example against its own schema, and that it has a key. Cheap enough for a test of every definition.
 * @throws SchemaViolationError when the example does not fit; EbbError EBB_DEFINITION when its key is empty
 */
export function checkExample(definition: EventDefinition): void {
  keyOf(definition, definition.parse(definition.example));
}

/**
 * The key of an event's data.
 * @throws EbbError EBB_DEFINITION when it is empty: such an event would have neither subject nor order
 */
export function keyOf<Data>(definition: EventDefinition<string, Data>, data: Data): string {
  const key: unknown = definition.key(data);
  if (typeof key === 'string' && key !== '') return key;
  throw new EbbError('EBB_DEFINITION', `the key of ${definition.type} must be a string that is not empty`);
}
