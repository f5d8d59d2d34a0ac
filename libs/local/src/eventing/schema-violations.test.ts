import { describe, expect, it } from '@jest/globals';
import type { JsonSchema } from '@ebb/catalogue';
import { compileSchema } from './schema-compiler.ts';
import { violationsOf } from './schema-violations.ts';

function found(schema: JsonSchema, data: unknown): string[] {
  const validate = compileSchema(schema);
  validate(data);
  return violationsOf(validate.errors ?? []).map(({ path, message }) => `${path} ${message}`.trim());
}

const UUID = { type: 'string', format: 'uuid', pattern: '^[0-9a-f-]{36}$' };
const CIRCLE = { type: 'object', properties: { kind: { const: 'circle' }, r: { type: 'number' } }, required: ['r'] };
const SQUARE = { type: 'object', properties: { kind: { const: 'square' }, a: { type: 'number' } }, required: ['a'] };

describe('violations of a JSON Schema', () => {
  it.each<[JsonSchema, unknown, string]>([
    [{ type: 'string' }, 1, 'must be a string, but is 1'],
    [{ type: 'integer' }, 'secret', 'must be an integer, but is a string'],
    [{ type: ['object', 'null'] }, [], 'must be an object or null, but is an array'],
    [{ type: 'object' }, null, 'must be an object, but is null'],
    [{ const: 'x' }, 'y', 'must be "x"'],
    [{ enum: ['a', 2] }, 'c', 'must be one of "a", 2'],
    [{ minimum: 1 }, 0, 'must be at least 1'],
    [{ maximum: 1 }, 2, 'must be at most 1'],
    [{ exclusiveMinimum: 0 }, 0, 'must be more than 0'],
    [{ exclusiveMaximum: 0 }, 0, 'must be less than 0'],
    [{ multipleOf: 2 }, 3, 'must be a multiple of 2'],
    [{ minLength: 1 }, '', 'must have at least 1 character'],
    [{ maxLength: 2 }, 'abc', 'must have at most 2 characters'],
    [{ minItems: 1 }, [], 'must have at least 1 item'],
    [{ maxItems: 2 }, [1, 2, 3], 'must have at most 2 items'],
    [{ minProperties: 2 }, {}, 'must have at least 2 properties'],
    [{ maxProperties: 1 }, { a: 1, b: 2 }, 'must have at most 1 property'],
    [{ uniqueItems: true }, [1, 1], 'must not have the same item twice'],
    [{ pattern: '^[A-Z]+$' }, 'a', 'must match ^[A-Z]+$'],
    [{ format: 'email' }, 'a', 'must be an e-mail address'],
    [{ format: 'json-pointer' }, 'a', 'must be a valid json-pointer'],
    [{ required: ['a/b'] }, {}, '/a~1b is required'],
    [{ additionalProperties: false }, { x: 1 }, '/x is not part of the schema'],
    [{ unevaluatedProperties: false }, { x: 1 }, '/x is not part of the schema'],
    [{ propertyNames: { maxLength: 1 } }, { long: 1 }, '/long is not allowed as a name here'],
    [{ not: {} }, 1, 'must NOT be valid'],
  ])('%j against %j: %s', (schema, data, expected) => {
    expect(found(schema, data)).toEqual([expected]);
  });

  it('tell the format alone where its pattern fails, too', () => {
    expect(found(UUID, 'x')).toEqual(['must be a UUID']);
    expect(found({ format: 'uuid', allOf: [{ pattern: '^[0-9a-f-]{36}$' }] }, 'x')).toEqual(['must be a UUID']);
  });

  it('tell the format where only its pattern fails, being stricter', () => {
    const utc = { type: 'string', format: 'date-time', pattern: 'Z$' };
    expect(found(utc, '2026-01-01T00:00:00+01:00')).toEqual([
      'must be a date and time of ISO 8601, like 2026-01-31T12:00:00Z',
    ]);
  });

  it('tell a pattern at another path than the format', () => {
    const schema = { properties: { id: UUID, sku: { pattern: '^[A-Z]+$' } } };
    expect(found(schema, { id: 'x', sku: 'a' })).toEqual(['/id must be a UUID', '/sku must match ^[A-Z]+$']);
  });

  it('of a union are those of the only form that can be meant', () => {
    const schema = { properties: { shape: { anyOf: [CIRCLE, { type: 'null' }] } } };
    expect(found(schema, { shape: { kind: 'circle', r: '1' } })).toEqual([
      '/shape/r must be a number, but is a string',
    ]);
  });

  it('of a union that fits nothing, or too much, are one', () => {
    expect(found({ oneOf: [CIRCLE, SQUARE] }, { kind: 'line' })).toEqual(['fits none of the allowed forms']);
    expect(found({ anyOf: [CIRCLE, SQUARE] }, 1)).toEqual(['fits none of the allowed forms']);
    expect(found({ oneOf: [{}, {}] }, 1)).toEqual(['fits more than one of the forms that exclude each other']);
  });

  it('are told once and at most a hundred times', () => {
    expect(found({ allOf: [{ minimum: 1 }, { minimum: 1 }] }, 0)).toEqual(['must be at least 1']);
    const many = Array.from({ length: 5_000 }, () => 'x');
    expect(found({ items: { type: 'number' } }, many)).toHaveLength(100);
  });
});
