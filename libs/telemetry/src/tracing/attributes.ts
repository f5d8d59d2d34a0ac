import type { Attributes, AttributeValue } from '@opentelemetry/api';

/** An attribute is cut here: a long SQL text must not make a span too large to export. */
const MAX_CHARS = 8_192;

/** A copy, since whoever gave them may use them again. */
export function copyOf(given: Attributes | undefined): Attributes {
  const attributes: Attributes = { ...given };
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined && isLong(value)) attributes[name] = cut(value);
  }
  return attributes;
}

/** Leaves it as it is where it is short enough, as nearly every one. */
export const shortened = (value: AttributeValue): AttributeValue => (isLong(value) ? cut(value) : value);

function isLong(value: AttributeValue): boolean {
  return typeof value === 'string' ? value.length > MAX_CHARS : typeof value === 'object';
}

function cut(value: AttributeValue): AttributeValue {
  if (typeof value === 'string') return value.slice(0, MAX_CHARS);
  if (!Array.isArray(value)) return value;
  return value.map((each) => (typeof each === 'string' ? each.slice(0, MAX_CHARS) : each)) as AttributeValue;
}
