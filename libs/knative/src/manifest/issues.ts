import type * as z from 'zod/mini';

type Issue = z.core.$ZodIssue;

/** What is wrong, beginning with the path of the field: `spec.template.spec.containers[0].image is missing`. */
export function describeIssue(field: string, issue: Issue): string {
  return `${pathOf(field, issue.path)} ${whatIsWrong(issue)}`;
}

function pathOf(field: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((at, key) => {
    if (typeof key === 'number') return `${at}[${key}]`;
    const name = String(key);
    return /^[\w-]+$/.test(name) ? `${at}.${name}` : `${at}["${name}"]`;
  }, field);
}

const NO_MESSAGE = 'Invalid input';

function whatIsWrong(issue: Issue): string {
  if (issue.message !== NO_MESSAGE) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${typeName(issue.expected)}`;
    case 'unrecognized_keys':
      return `has unknown fields: ${issue.keys.join(', ')}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    case 'too_big':
      return isCount(issue.origin) ? `must have at most ${issue.maximum}` : `must be at most ${issue.maximum}`;
    case 'too_small':
      return isCount(issue.origin) ? `must have at least ${issue.minimum}` : `must be at least ${issue.minimum}`;
    default:
      return 'is not valid';
  }
}

const isCount = (origin: string): boolean => origin === 'array' || origin === 'string';

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text (put quotes around it)',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const typeName = (expected: string): string => TYPE_NAMES[expected] ?? expected;
