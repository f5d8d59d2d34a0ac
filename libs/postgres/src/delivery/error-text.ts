import { messageOf } from '@ebb/core';

const MAX_CHARS = 4_000;

/** What is kept of an error for the person who looks at it later. PostgreSQL's text holds no NUL. */
export function errorText(error: Error): string {
  return `${error.name}: ${messageOf(error)}`.replaceAll('\u0000', '').slice(0, MAX_CHARS);
}
