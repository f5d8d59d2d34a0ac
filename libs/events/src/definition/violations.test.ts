import { describe, expect, it } from '@jest/globals';
import { SchemaViolationError } from '@ebb/core';
import * as z from 'zod/mini';
import { parseData } from './parse-data.ts';

function violations(schema: z.ZodMiniType, data: unknown): readonly (readonly [string, string])[] {
  try {
    parseData(schema, data, 'x');
  } catch (error) {
    if (error instanceof SchemaViolationError) return error.violations.map(({ path, message }) => [path, message]);
    throw error;
  }
  return [];
}

const Shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number() }),
  z.object({ kind: z.literal('square'), side: z.number() }),
]);

describe('a violation', () => {
  it.each<[z.ZodMiniType, unknown, string]>([
    [z.string(), undefined, 'is missing: must be a string'],
    [z.string(), 7, 'must be a string, but is 7'],
    [z.number(), 'x', 'must be a number, but is a string'],
    [z.int(), 1.5, 'must be an integer, but is 1.5'],
    [z.boolean(), null, 'must be a boolean, but is null'],
    [z.array(z.string()), {}, 'must be an array, but is an object'],
    [z.object({}), [], 'must be an object, but is an array'],
    [z.record(z.string(), z.string()), 1, 'must be an object, but is 1'],
    [z.null(), 1, 'must be null, but is 1'],
    [z.string().check(z.minLength(2)), 'a', 'must have at least 2 characters'],
    [z.string().check(z.maxLength(2)), 'abc', 'must have at most 2 characters'],
    [z.string().check(z.length(2)), 'abc', 'must have exactly 2 characters'],
    [z.array(z.string()).check(z.minLength(1)), [], 'must have at least 1 item'],
    [z.number().check(z.minimum(0)), -1, 'must be at least 0'],
    [z.number().check(z.gt(0)), 0, 'must be more than 0'],
    [z.number().check(z.maximum(5)), 6, 'must be at most 5'],
    [z.number().check(z.lt(5)), 5, 'must be less than 5'],
    [z.number().check(z.multipleOf(5)), 6, 'must be a multiple of 5'],
    [z.uuid(), 'x', 'must be a UUID'],
    [z.email(), 'x', 'must be an e-mail address'],
    [z.iso.datetime(), 'x', 'must be a date and time of ISO 8601, like 2026-01-31T12:00:00Z'],
    [z.string().check(z.regex(/^[A-Z]+$/)), 'x', 'must match /^[A-Z]+$/'],
    [z.string().check(z.startsWith('a')), 'x', 'must start with "a"'],
    [z.string().check(z.endsWith('a')), 'x', 'must end with "a"'],
    [z.string().check(z.includes('a')), 'x', 'must contain "a"'],
    [z.jwt(), 'x', 'must be a valid jwt'],
    [z.enum(['EUR', 'USD']), 'GBP', 'must be one of "EUR", "USD", but is "GBP"'],
    [z.literal(1), 2, 'must be 1, but is 2'],
    [z.union([z.string(), z.number()]), true, 'must be a string, but is true, or must be a number, but is true'],
    [z.string().check(z.refine(() => false)), 'x', 'is not valid'],
    [z.string().check(z.refine(() => false, 'must rhyme')), 'x', 'must rhyme'],
    [z.never(), 1, 'must be absent, but is 1'],
  ])('says what is wrong (%#)', (schema, data, message) => {
    expect(violations(z.object({ at: z.optional(schema) }), { at: data })).toEqual(
      data === undefined ? [] : [['/at', message]],
    );
    expect(violations(schema, data)).toEqual([['', message]]);
  });

  it('is listed for every place, as JSON Pointer', () => {
    const schema = z.object({
      id: z.string(),
      lines: z.array(z.object({ quantity: z.int().check(z.minimum(1)) })),
      'a/b~c': z.string(),
    });
    expect(violations(schema, { lines: [{ quantity: 0 }, {}], 'a/b~c': 1 })).toEqual([
      ['/id', 'is missing: must be a string'],
      ['/lines/0/quantity', 'must be at least 1'],
      ['/lines/1/quantity', 'is missing: must be a number'],
      ['/a~1b~0c', 'must be a string, but is 1'],
    ]);
  });

  it('is listed for every member that is too many', () => {
    expect(violations(z.strictObject({ a: z.string() }), { a: 'x', b: 1, c: 2 })).toEqual([
      ['/b', 'is not part of the schema'],
      ['/c', 'is not part of the schema'],
    ]);
  });

  it('in a union is that of the branch that was meant', () => {
    expect(violations(Shape, { kind: 'circle', radius: 'x' })).toEqual([
      ['/radius', 'must be a number, but is a string'],
    ]);
    expect(violations(Shape, { kind: 'line' })).toEqual([
      ['/kind', 'must be one of "circle", "square", but is "line"'],
    ]);
    expect(violations(z.union([z.string(), z.object({ a: z.int() })]), { a: 'x' })).toEqual([
      ['/a', 'must be a number, but is a string'],
    ]);
    expect(violations(z.union([z.object({ a: z.int() }), z.object({ b: z.int() })]), {})).toEqual([
      ['', 'fits none of the allowed forms'],
    ]);
  });

  it('of a name in a record names the member', () => {
    expect(violations(z.record(z.string().check(z.minLength(2)), z.int()), { a: 1 })).toEqual([
      ['/a', 'is not allowed as a name here'],
    ]);
  });

  it('is not listed without end', () => {
    const found = violations(
      z.array(z.string()),
      Array.from({ length: 1_000 }, () => 1),
    );
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toEqual(['', 'has 900 more violations']);
  });

  it('keeps the words of other libraries, and their paths of objects', () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'acme',
        validate: () => ({ issues: [{ message: 'bad', path: [{ key: 'a' }, 0] }, { message: 'Invalid input' }] }),
      },
    };
    expect(() => parseData(schema, {}, 'x')).toThrow('the data of x does not fit: /a/0 bad; (root) Invalid input');
  });
});
