import { isUtf8 } from 'node:buffer';

/** Printable ASCII without a percent sign, and no leading quote: read as it stands. */
const PLAIN = /^(?!")[\x20-\x24\x26-\x7e]*$/;
/** Printable ASCII that HTTP carries unchanged; it trims spaces at both ends. */
const CARRIED = /^(?! )[\x20-\x7e]*(?<! )$/;
const LATIN_1_BEYOND_ASCII = /^[\0-\xff]*[\x80-\xff][\0-\xff]*$/;
/** A conforming producer has escaped every percent sign of a URI, so any other escape is the URI's own. */
const STRAY_PERCENT = /%(?!25)/;
/** All but U+0021–U+007E, and the double quote and the percent sign (HTTP binding, 3.1.3.2). */
const TO_ESCAPE = /[^\x21\x23\x24\x26-\x7e]/gu;

/**
 * The attribute value of a `ce-*` header: unquoted, then percent-decoded once, as the HTTP binding says.
 * Lenient, because the Go, Java and JavaScript SDKs escape nothing: what is not well escaped stays as it is, raw UTF-8 is understood,
 * and a URI (`source`, `dataschema`) keeps the escapes that belong to it.
 */
export function decodeHeaderValue(name: string, raw: string): string {
  if (PLAIN.test(raw)) return raw;
  const value = utf8Of(unquoted(raw));
  if (!value.includes('%') || (isUriAttribute(name) && STRAY_PERCENT.test(value))) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/**
 * The header value of an attribute. Unless `percentEncode` asks for the letter of the specification, only what a receiver would misread is
 * escaped: most SDKs decode nothing, and a filter on `subject` sees what was sent.
 */
export function encodeHeaderValue(name: string, value: string, percentEncode: boolean): string {
  if (!percentEncode && CARRIED.test(value) && decodeHeaderValue(name, value) === value) return value;
  return value.replace(TO_ESCAPE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return /\p{Cs}/u.test(character) ? '%EF%BF%BD' : encodeURIComponent(character);
}

function isUriAttribute(name: string): boolean {
  return name === 'source' || name === 'dataschema';
}

function unquoted(raw: string): string {
  if (raw.length < 2 || !raw.startsWith('"') || !raw.endsWith('"')) return raw;
  return raw.slice(1, -1).replace(/\\(.)/g, '$1');
}

/** Node reads header bytes as Latin-1; SDKs that do not escape send UTF-8. */
function utf8Of(value: string): string {
  if (!LATIN_1_BEYOND_ASCII.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}
