import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One type of event: what it is called, where it travels, and what it carries. */
export interface EventDefinition<Type extends string = string, Data = unknown> {
  readonly type: Type;
  /** The topic of its domain. */
  readonly topic: string;
  readonly schema: StandardSchemaV1<unknown, Data>;
  /** Shown by tools and sent by `ebb publish --example`. */
  readonly example: Data;
  readonly description?: string;
  /** The entity that the event is about: its subject and partition key. */
  key(data: Data): string;
  /**
   * Checks data against the schema and returns what the schema made of it.
   * @throws SchemaViolationError with every violation, each with its JSON Pointer
   */
  parse(data: unknown): Data;
  /**
   * The schema as JSON Schema; the converter is loaded on the first call.
   * @throws EbbError EBB_DEFINITION when the schema's library cannot give one
   */
  jsonSchema(): Promise<JsonSchema>;
}

/** The data that events of a definition carry. */
export type DataOf<Definition extends EventDefinition> =
  Definition extends EventDefinition<string, infer Data> ? Data : never;
