import type { JsonSchema } from '@ebb/catalogue';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as formats from 'ajv-formats';

/** Makes a validator of a schema, for all violations at once, each with the value and the schema that it is about. */
export function compileSchema(schema: JsonSchema): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, verbose: true, validateSchema: false });
  formats.default(ajv);
  return ajv.compile(schema);
}
