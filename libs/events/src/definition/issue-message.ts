import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { $ZodIssue } from 'zod/v4/core';

export type ZodIssue = $ZodIssue;

type Primitive = string | number | symbol | bigint | boolean | null | undefined;

/** What zod/mini says when no language is loaded; a language would cost every function that checks data. */
const NOTHING_SAID = 'Invalid input';

/** Whether an issue has no message of its own, but zod's fields to make one from. */
export function isUntold(issue: StandardSchemaV1.Issue): issue is ZodIssue {
  return issue.message === NOTHING_SAID && 'code' in issue;
}

/** What is wrong, to be read after the path: "must be a number, but is a string". */
export function describeIssue(issue: ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return mustBe(TYPES[issue.expected] ?? issue.expected, value);
    case 'too_small':
      return bound(issue, issue.minimum, { closed: 'at least', open: 'more than' });
    case 'too_big':
      return bound(issue, issue.maximum, { closed: 'at most', open: 'less than' });
    case 'invalid_format':
      return `must ${formatOf(issue)}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return mustBe(oneOf(issue.values), value, describeChoice(value));
    case 'invalid_union':
      return describeUnion(issue, value);
    case 'invalid_key':
      return 'is not allowed as a name here';
    case 'invalid_element':
      return 'has an element that does not fit';
    default:
      return 'is not valid';
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'a boolean',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  tuple: 'an array',
  null: 'null',
  undefined: 'absent',
  never: 'absent',
  nonoptional: 'given',
};

const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  guid: 'a UUID',
  email: 'an e-mail address',
  url: 'a URL',
  datetime: 'a date and time of ISO 8601, like 2026-01-31T12:00:00Z',
  date: 'a date of ISO 8601, like 2026-01-31',
  time: 'a time of ISO 8601, like 12:00:00',
  duration: 'a duration of ISO 8601, like PT10S',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  base64: 'Base64',
  base64url: 'Base64 for URLs',
  lowercase: 'in lower case',
  uppercase: 'in upper case',
};

const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['item', 'items'],
  set: ['item', 'items'],
  map: ['entry', 'entries'],
};

function mustBe(expected: string, value: unknown, actual = describe(value)): string {
  return value === undefined ? `is missing: must be ${expected}` : `must be ${expected}, but is ${actual}`;
}

/** Violations end in logs and answers, where what people wrote into their data has no place: text is shown as its kind only. */

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return TYPES[typeof value] ?? typeof value;
}

/** Where a schema lists the allowed values, the one given is no secret, and a typo shows. */
function describeChoice(value: unknown): string {
  return typeof value === 'string' && value.length <= 40 ? JSON.stringify(value) : describe(value);
}

interface Bound {
  readonly origin: string;
  readonly exact?: boolean;
  readonly inclusive?: boolean;
}

function bound(issue: Bound, limit: number | bigint, words: { closed: string; open: string }): string {
  const quantity = `${issue.exact ? 'exactly' : issue.inclusive === false ? words.open : words.closed} ${limit}`;
  const unit = UNITS[issue.origin];
  return unit === undefined
    ? `must be ${quantity}`
    : `must have ${quantity} ${Number(limit) === 1 ? unit[0] : unit[1]}`;
}

function formatOf(issue: Extract<ZodIssue, { code: 'invalid_format' }>): string {
  const { format, pattern } = issue;
  if ('prefix' in issue) return `start with ${JSON.stringify(issue.prefix)}`;
  if ('suffix' in issue) return `end with ${JSON.stringify(issue.suffix)}`;
  if ('includes' in issue) return `contain ${JSON.stringify(issue.includes)}`;
  if (format === 'regex' && pattern !== undefined) return `match ${pattern}`;
  return `be ${FORMATS[format] ?? `a valid ${format}`}`;
}

function oneOf(values: readonly Primitive[]): string {
  const shown = values.map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value)));
  return shown.length === 1 ? (shown[0] ?? '') : `one of ${shown.join(', ')}`;
}

function describeUnion(issue: Extract<ZodIssue, { code: 'invalid_union' }>, value: unknown): string {
  if ('options' in issue) return mustBe(oneOf(issue.options), value, describeChoice(value));
  if (issue.errors.length === 0) return 'fits more than one of the forms that exclude each other';
  const forms = issue.errors.map((branch) => branch[0]).filter((first) => first?.path.length === 0);
  const reasons = [...new Set(forms.map((first) => (first ? describeIssue(first, value) : '')))];
  return reasons.length === 0 ? 'fits none of the allowed forms' : reasons.join(', or ');
}
