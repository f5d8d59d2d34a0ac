/** A value's place in a JSON text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of an object, in the order of the text; duplicates appear as often as they are written. */
export interface MemberSpan extends Span {
  readonly name: string;
}

/*
 * JSON.parse keeps only the last of duplicate members and rounds numbers. Where this matters, the text itself is looked at.
 * All functions here expect text that JSON.parse accepts.
 */

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The members of the object that starts at or after `from`. */
export function membersOf(text: string, from = 0): MemberSpan[] {
  const members: MemberSpan[] = [];
  let at = skipSpace(text, skipSpace(text, from) + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACE) {
    const nameEnd = skipString(text, at);
    const name = textOfString(text, at, nameEnd);
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = skipValue(text, start);
    members.push({ name, start, end });
    at = skipComma(text, end);
  }
  return members;
}

/** The elements of the array that the text is. */
export function elementsOf(text: string): Span[] {
  const elements: Span[] = [];
  let start = skipSpace(text, skipSpace(text, 0) + 1);
  while (text.charCodeAt(start) !== CLOSE_BRACKET) {
    const end = skipValue(text, start);
    elements.push({ start, end });
    start = skipComma(text, end);
  }
  return elements;
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text.charCodeAt(at) === COMMA ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return at;
}

/** A quote ends the string when an even number of backslashes stands before it. */
function skipString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** The value of the string from its opening quote up to `end`; hardly any has escapes. */
function textOfString(text: string, from: number, end: number): string {
  const plain = text.slice(from + 1, end - 1);
  return plain.includes('\\') ? (JSON.parse(text.slice(from, end)) as string) : plain;
}

const AFTER_SCALAR = /[\s,\]}]|$/g;

function skipValue(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return skipString(text, from);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipContainer(text, from);
  AFTER_SCALAR.lastIndex = from;
  return AFTER_SCALAR.exec(text)?.index ?? text.length;
}

function skipContainer(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = skipString(text, at) - 1;
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) depth += 1;
    else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}
