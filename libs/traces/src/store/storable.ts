import type { Json } from '@ebb/core';

/** Names are in indexes, whose entries PostgreSQL bounds at a third of a page. */
const MAX_NAME_CHARS = 512;

/** NUL, and halves of surrogate pairs. */
const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const UNSTORABLE_JSON = /\\u(?:0000|d[89a-f])/;
const REPLACEMENT = '\ufffd';

/** Text that PostgreSQL takes: without NUL and without halves of surrogate pairs. */
export function storableText(text: string): string {
  return text.replace(UNSTORABLE, REPLACEMENT);
}

export function storableName(text: string): string {
  return storableText(text.slice(0, MAX_NAME_CHARS));
}

/** JSON text that PostgreSQL takes as jsonb. */
export function storableJson(value: Json): string {
  const text = JSON.stringify(value);
  return UNSTORABLE_JSON.test(text) ? JSON.stringify(clean(value)) : text;
}

function clean(value: Json): Json {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(clean);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), clean(item)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
