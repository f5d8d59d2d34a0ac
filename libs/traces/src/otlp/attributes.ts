import type { Json } from '@ebb/core';
import { OtlpError } from '../errors.ts';
import { fieldsOf, integerOf, listOf, textOf, wrong } from './shape.ts';

export type Attributes = Readonly<Record<string, Json>>;

/** How deep an attribute may nest; the database's JSON and every reader behind it recurse. */
const MAX_DEPTH = 32;

/**
 * Attributes as plain JSON. An integer past what a JSON number holds becomes text, bytes stay base64 text.
 * @throws OtlpError 400
 */
export function attributesOf(value: unknown, path: string, depth = 0): Attributes {
  // Entries, not assignment: an attribute may be called __proto__.
  return Object.fromEntries(
    listOf(value, path).map((entry, index) => {
      const at = `${path}/${index}`;
      const { key, value: content } = fieldsOf(entry, at);
      return [textOf(key, `${at}/key`), anyValueOf(content, `${at}/value`, depth)];
    }),
  );
}

function anyValueOf(value: unknown, path: string, depth: number): Json {
  if (depth > MAX_DEPTH) throw new OtlpError(400, `${path} is nested deeper than ${MAX_DEPTH} levels`);
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = fieldsOf(value, path);
  if (isGiven(stringValue)) return textOf(stringValue, path);
  if (isGiven(boolValue)) return boolOf(boolValue, path);
  // A sender in JavaScript writes every whole number as an integer, however large.
  if (typeof intValue === 'number') return doubleOf(intValue, path);
  if (isGiven(intValue)) return safeInteger(integerOf(intValue, path));
  if (isGiven(doubleValue)) return doubleOf(doubleValue, path);
  if (isGiven(bytesValue)) return textOf(bytesValue, path);
  if (isGiven(arrayValue)) {
    const { values } = fieldsOf(arrayValue, path);
    return listOf(values, path).map((item, index) => anyValueOf(item, `${path}/${index}`, depth + 1));
  }
  return isGiven(kvlistValue) ? attributesOf(fieldsOf(kvlistValue, path).values, path, depth + 1) : null;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function boolOf(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw wrong(path, 'a boolean');
  return value;
}

function safeInteger(value: bigint): Json {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** JSON has no Infinity and NaN: the mapping writes them as text, and so do we. */
function doubleOf(value: unknown, path: string): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value;
  throw wrong(path, 'a number');
}
