import { EbbError, messageOf } from './errors.ts';

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Deep enough for any document a person designs, far from what overflows a recursive reader's stack. */
export const MAX_JSON_DEPTH = 64;

/**
 * Parses JSON that came from outside. The depth is checked on the text first, so that hostile nesting costs one linear scan.
 * @throws EbbError EBB_JSON, saying what is wrong and where
 */
export function parseJson(text: string, { maxDepth = MAX_JSON_DEPTH }: { maxDepth?: number } = {}): Json {
  const deepAt = positionDeeperThan(text, maxDepth);
  if (deepAt !== undefined) {
    throw new EbbError('EBB_JSON', `JSON is nested deeper than ${maxDepth} levels (at position ${deepAt})`);
  }
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new EbbError('EBB_JSON', `not valid JSON: ${messageOf(error)}`, { cause: error });
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

/** Runs over every character of every event, so it compares numbers and skips strings whole. */
function positionDeeperThan(text: string, maxDepth: number): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
      depth += 1;
      if (depth > maxDepth) return at;
    } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) depth -= 1;
  }
  return undefined;
}

/** The position of the quote that closes the string opened at `start`, or the end of a text that never closes it. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}
