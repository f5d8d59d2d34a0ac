import { messageOf } from '@ebb/core';

const MAX_CHARS = 8_000;
const MAX_CAUSES = 5;
const FRAME = /^\s+at /;

/**
 * What is kept of an error for the person who looks at it later: name and message in the first line, its stack, and what caused it.
 * PostgreSQL's text holds no NUL.
 */
export function errorText(error: Error): string {
  return chainOf(error).map(describe).join('\nCaused by ').replaceAll('\u0000', '').slice(0, MAX_CHARS);
}

function chainOf(error: Error): Error[] {
  const chain: Error[] = [];
  for (let next: unknown = error; next instanceof Error && chain.length <= MAX_CAUSES; next = next.cause)
    chain.push(next);
  return chain;
}

/** The stack's own first line may be older than the message, or carry another name: errors are renamed in their constructors. */
function describe(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => FRAME.test(line));
  return [`${error.name}: ${messageOf(error)}`, ...frames].join('\n');
}
