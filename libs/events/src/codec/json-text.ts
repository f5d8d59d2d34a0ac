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

/** The members of the object that starts at or after `from`. */
export function membersOf(text: string, from = 0): MemberSpan[] {
  const members: MemberSpan[] = [];
  let at = skipSpace(text, skipSpace(text, from) + 1);
  while (text[at] !== '}') {
    const nameEnd = skipString(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
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
  while (text[start] !== ']') {
    const end = skipValue(text, start);
    elements.push({ start, end });
    start = skipComma(text, end);
  }
  return elements;
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

function skipString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

const OPENING = new Set(['{', '[']);
const CLOSING = new Set(['}', ']']);
const AFTER_SCALAR = /[\s,\]}]|$/g;

function skipValue(text: string, from: number): number {
  const first = text[from] ?? '';
  if (first === '"') return skipString(text, from);
  if (OPENING.has(first)) return skipContainer(text, from);
  AFTER_SCALAR.lastIndex = from;
  return AFTER_SCALAR.exec(text)?.index ?? text.length;
}

function skipContainer(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') at = skipString(text, at) - 1;
    else if (OPENING.has(character)) depth += 1;
    else if (CLOSING.has(character)) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}
