import type { StandardSchemaV1 } from '@standard-schema/spec';
import { EbbError, SchemaViolationError } from '@ebb/core';
import { violationsOf } from './violations.ts';

/**
 * Checks data against a schema.
 * @throws SchemaViolationError with every violation; EbbError EBB_DEFINITION when the schema answers with a promise
 */
export function parseData<Data>(schema: StandardSchemaV1<unknown, Data>, data: unknown, subject: string): Data {
  const result = schema['~standard'].validate(data);
  if (result instanceof Promise) {
    throw new EbbError(
      'EBB_DEFINITION',
      `the schema of ${subject} is asynchronous: whether data fits must not depend on anything else`,
    );
  }
  if (result.issues === undefined) return result.value;
  throw new SchemaViolationError(`the data of ${subject} does not fit`, violationsOf(result.issues, data));
}
