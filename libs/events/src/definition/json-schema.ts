import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { EbbError } from '@ebb/core';
import type { $ZodType } from 'zod/v4/core';
import type { JsonSchema } from './event-definition.ts';

const TARGET = 'draft-2020-12';

/**
 * What a schema takes (`input`), as JSON Schema, from the schema itself (Standard JSON Schema) or by zod's converter, which is loaded here only: a function that
 * runs needs no JSON Schema.
 * @throws EbbError EBB_DEFINITION when there is no way to it
 */
export async function jsonSchemaOf(schema: StandardSchemaV1, subject: string): Promise<JsonSchema> {
  try {
    if (givesJsonSchema(schema)) return schema['~standard'].jsonSchema.input({ target: TARGET });
    if (isZod(schema)) {
      const { toJSONSchema } = await import('./zod-json-schema.ts');
      return toJSONSchema(schema, { target: TARGET, io: 'input' });
    }
  } catch (error) {
    throw new EbbError('EBB_DEFINITION', `the schema of ${subject} has no form in JSON Schema`, { cause: error });
  }
  throw new EbbError(
    'EBB_DEFINITION',
    `the schema of ${subject} (${schema['~standard'].vendor}) cannot give JSON Schema: use zod, or a library with Standard JSON Schema`,
  );
}

function givesJsonSchema(schema: StandardSchemaV1): schema is StandardSchemaV1 & StandardJSONSchemaV1 {
  return 'jsonSchema' in schema['~standard'];
}

function isZod(schema: StandardSchemaV1): schema is StandardSchemaV1 & $ZodType {
  return schema['~standard'].vendor === 'zod' && '_zod' in schema;
}
