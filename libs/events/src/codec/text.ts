/** Control characters, lone surrogates and non-characters: what the CloudEvents type String leaves out. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

export function isCloudEventsString(value: string): boolean {
  return !FORBIDDEN.test(value);
}
