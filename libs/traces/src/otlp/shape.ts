import { OtlpError } from '../errors.ts';

/** Readers of OTLP's JSON form. Absent and null are the same (protobuf's JSON mapping); a wrong type is an error that names the place. */

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown, path: string): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(path, 'an object');
  return value as Fields;
}

export function listOf(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(path, 'an array');
  return value;
}

export function textOf(value: unknown, path: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw wrong(path, 'a string');
  return value;
}

/** A 64-bit integer: decimal text, or a number as some senders write it. */
export function integerOf(value: unknown, path: string): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw wrong(path, 'an integer');
}

export function wrong(path: string, expected: string): OtlpError {
  return new OtlpError(400, `${path} must be ${expected}`);
}
