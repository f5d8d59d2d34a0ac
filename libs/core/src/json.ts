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
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

function positionDeeperThan(text: string, maxDepth: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === BACKSLASH) at += 1;
      else if (unit === QUOTE) inString = false;
    } else if (unit === QUOTE) inString = true;
    else if (OPEN.has(unit)) {
      depth += 1;
      if (depth > maxDepth) return at;
    } else if (CLOSE.has(unit)) depth -= 1;
  }
  return undefined;
}
