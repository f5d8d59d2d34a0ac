/** Control characters, lone surrogates and non-characters: what the CloudEvents type String leaves out. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

export function isCloudEventsString(value: string): boolean {
  return PRINTABLE_ASCII.test(value) || !FORBIDDEN.test(value);
}
