import { EbbError } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import type { SubscriptionFilter, Trigger } from '../resources/resources.ts';

export type EventPredicate = (event: CloudEvent) => boolean;

const DIALECTS = ['exact', 'prefix', 'suffix', 'all', 'any', 'not', 'cesql'] as const;
const MAX_DEPTH = 16;

/**
 * What a Trigger lets through. A list of `filters` that is not empty counts alone, and all of it must hold; else the older `filter` counts.
 * @throws EbbError EBB_MANIFEST naming the place within the filters
 */
export function compileFilters({ filters, filter }: Pick<Trigger['spec'], 'filters' | 'filter'>): EventPredicate {
  if (filters && filters.length > 0) {
    return all(filters.map((each, index) => compile(each, `filters[${index}]`, 0)));
  }
  return attributesFilter(filter?.attributes ?? {});
}

/** The older form: exact, but an empty value also lets events through that lack the attribute. */
function attributesFilter(attributes: Readonly<Record<string, string>>): EventPredicate {
  return all(
    Object.entries(attributes).map(([name, wanted]): EventPredicate => {
      checkName(name, 'filter.attributes');
      return (event) => wanted === '' || textOf(event, name) === wanted;
    }),
  );
}

function compile(filter: SubscriptionFilter, at: string, depth: number): EventPredicate {
  if (depth > MAX_DEPTH) throw problem(at, `is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof filter !== 'object' || (filter as unknown) === null) throw problem(at, 'must be an object');
  const keys = Object.keys(filter);
  if (keys.length === 0) return () => true;
  const [dialect, second] = keys;
  if (second !== undefined) throw problem(at, `has ${keys.join(' and ')}: one dialect per object`);
  const value = (filter as Readonly<Record<string, unknown>>)[dialect ?? ''];
  switch (dialect) {
    case 'exact':
      return attributeTest(value, `${at}.exact`, (text, wanted) => text === wanted);
    case 'prefix':
      return attributeTest(value, `${at}.prefix`, (text, wanted) => text.startsWith(wanted));
    case 'suffix':
      return attributeTest(value, `${at}.suffix`, (text, wanted) => text.endsWith(wanted));
    case 'all':
      return all(compileList(value, `${at}.all`, depth));
    case 'any':
      return any(compileList(value, `${at}.any`, depth));
    case 'not': {
      const inner = compile(value as SubscriptionFilter, `${at}.not`, depth + 1);
      return (event) => !inner(event);
    }
    case 'cesql':
      throw problem(
        `${at}.cesql`,
        'is not supported locally yet: write it with exact, prefix, suffix, all, any and not',
      );
    default:
      throw problem(at, `has the unknown dialect "${dialect ?? ''}"; there are ${DIALECTS.join(', ')}`);
  }
}

function compileList(value: unknown, at: string, depth: number): readonly EventPredicate[] {
  if (!Array.isArray(value) || value.length === 0) throw problem(at, 'must be a list of at least one filter');
  return value.map((each, index) => compile(each as SubscriptionFilter, `${at}[${index}]`, depth + 1));
}

/** An attribute that an event lacks fails the test, so that `not` over it lets the event through, as Knative does. */
function attributeTest(value: unknown, at: string, test: (text: string, wanted: string) => boolean): EventPredicate {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw problem(at, 'must map attributes to texts');
  }
  const tests = Object.entries(value as Readonly<Record<string, unknown>>).map(([name, wanted]): EventPredicate => {
    checkName(name, at);
    if (typeof wanted !== 'string' || wanted === '') throw problem(`${at}.${name}`, 'must be a text that is not empty');
    return (event) => {
      const text = textOf(event, name);
      return text !== undefined && test(text, wanted);
    };
  });
  if (tests.length === 0) throw problem(at, 'names no attribute');
  return all(tests);
}

function checkName(name: string, at: string): void {
  if (!/^[a-z0-9]+$/.test(name)) throw problem(at, `"${name}" is no attribute name (lower case letters and digits)`);
}

function textOf(event: CloudEvent, name: string): string | undefined {
  if (name === 'data' || !Object.hasOwn(event, name)) return undefined;
  const value: unknown = event[name];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

const all =
  (tests: readonly EventPredicate[]): EventPredicate =>
  (event) =>
    tests.every((test) => test(event));

const any =
  (tests: readonly EventPredicate[]): EventPredicate =>
  (event) =>
    tests.some((test) => test(event));

function problem(at: string, what: string): EbbError {
  return new EbbError('EBB_MANIFEST', `${at} ${what}`);
}
