import type { ErrorObject } from 'ajv';

/** What is wrong, to be read after the path: "must be a string, but is a number". Text that people wrote is shown as its kind only. */
export function describeError(error: ErrorObject): string {
  return MESSAGES[error.keyword]?.(error) ?? error.message ?? 'is not valid';
}

type Describe = (error: ErrorObject) => string;

const MESSAGES: Readonly<Record<string, Describe>> = {
  required: () => 'is required',
  additionalProperties: () => 'is not part of the schema',
  unevaluatedProperties: () => 'is not part of the schema',
  propertyNames: () => 'is not allowed as a name here',
  type: ({ params, data }) => `must be ${typesOf(params.type)}, but is ${describeValue(data)}`,
  const: ({ params }) => `must be ${JSON.stringify(params.allowedValue)}`,
  enum: ({ params }) =>
    `must be one of ${(params.allowedValues as unknown[]).map((v) => JSON.stringify(v)).join(', ')}`,
  format: ({ params }) => `must be ${formatOf(params.format)}`,
  // A pattern beside a format spells the format out, sometimes more strictly: only times in UTC, for one.
  pattern: ({ params, parentSchema }) =>
    parentSchema?.format === undefined
      ? `must match ${String(params.pattern)}`
      : `must be ${formatOf(parentSchema.format)}`,
  minimum: ({ params }) => `must be at least ${params.limit}`,
  maximum: ({ params }) => `must be at most ${params.limit}`,
  exclusiveMinimum: ({ params }) => `must be more than ${params.limit}`,
  exclusiveMaximum: ({ params }) => `must be less than ${params.limit}`,
  multipleOf: ({ params }) => `must be a multiple of ${params.multipleOf}`,
  minLength: counted('at least', 'character', 'characters'),
  maxLength: counted('at most', 'character', 'characters'),
  minItems: counted('at least', 'item', 'items'),
  maxItems: counted('at most', 'item', 'items'),
  minProperties: counted('at least', 'property', 'properties'),
  maxProperties: counted('at most', 'property', 'properties'),
  uniqueItems: () => 'must not have the same item twice',
  anyOf: () => 'fits none of the allowed forms',
  oneOf: ({ params }) =>
    params.passingSchemas
      ? 'fits more than one of the forms that exclude each other'
      : 'fits none of the allowed forms',
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'a boolean',
  object: 'an object',
  array: 'an array',
};

const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  email: 'an e-mail address',
  uri: 'a URL',
  'date-time': 'a date and time of ISO 8601, like 2026-01-31T12:00:00Z',
  date: 'a date of ISO 8601, like 2026-01-31',
  time: 'a time of ISO 8601, like 12:00:00Z',
  duration: 'a duration of ISO 8601, like PT10S',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  hostname: 'a host name',
};

function counted(quantity: string, one: string, many: string): Describe {
  return ({ params }) => `must have ${quantity} ${params.limit} ${params.limit === 1 ? one : many}`;
}

function typesOf(type: unknown): string {
  return [type]
    .flat()
    .map((name) => TYPES[String(name)] ?? String(name))
    .join(' or ');
}

function formatOf(format: unknown): string {
  return FORMATS[String(format)] ?? `a valid ${String(format)}`;
}

function describeValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : (TYPES[typeof value] ?? typeof value);
}
