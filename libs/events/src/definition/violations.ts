import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Violation } from '@ebb/core';
import { describeIssue, isUntold, type ZodIssue } from './issue-message.ts';

type Issues = readonly StandardSchemaV1.Issue[];
type Path = readonly PropertyKey[];

/** More help nobody; hostile data could break a schema a million times. */
const MAX_VIOLATIONS = 100;

/** What a schema found wrong with `data`: each place as JSON Pointer, each reason in words. */
export function violationsOf(issues: Issues, data: unknown): readonly Violation[] {
  const violations = issues.flatMap((issue) => expand(issue, data, []));
  if (violations.length <= MAX_VIOLATIONS) return violations;
  const more = violations.length - MAX_VIOLATIONS;
  return [...violations.slice(0, MAX_VIOLATIONS), { path: '', message: `has ${more} more violations` }];
}

function expand(issue: StandardSchemaV1.Issue, data: unknown, base: Path): Violation[] {
  const path = [...base, ...(issue.path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment))];
  if (!isUntold(issue)) return [{ path: pointer(path), message: issue.message }];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pointer([...path, key]), message: 'is not part of the schema' }));
  }
  const branch = closestBranch(issue);
  if (branch) return branch.flatMap((inner) => expand(inner, data, path));
  return [{ path: pointer(path), message: describeIssue(issue, valueAt(data, path)) }];
}

/** Of a union's branches the only one whose kind of value was given: its complaints say more than "fits none". */
function closestBranch(issue: ZodIssue): Issues | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  const close = issue.errors.filter((branch) => branch.every(({ path }) => path.length > 0));
  return close.length === 1 ? close[0] : undefined;
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return value;
}

/** RFC 6901 */
function pointer(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
