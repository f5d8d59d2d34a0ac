import type { Json } from './json.ts';

/** The value at a JSON Pointer (RFC 6901); undefined where there is none. */
export function valueAtPointer(document: Json, pointer: string): Json | undefined {
  if (pointer === '') return document;
  let value: Json | undefined = document;
  for (const token of pointer.slice(1).split('/')) {
    if (typeof value !== 'object' || value === null) return undefined;
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    value = Object.hasOwn(value, name) ? (value as Readonly<Record<string, Json>>)[name] : undefined;
  }
  return value;
}
