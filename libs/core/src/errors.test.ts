import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, messageOf, SchemaViolationError, TerminalError } from './errors.ts';

const reference = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8');

describe('error codes', () => {
  it('are the same in the code and in the reference', () => {
    const documented = [...reference.matchAll(/^## `(EBB_[A-Z_]+)`$/gm)].map(([, code]) => code);
    expect(documented).toEqual([...ERROR_CODES]);
  });
});

describe('messageOf', () => {
  it('finds the words of an aggregate that has none of its own', () => {
    expect(messageOf(new AggregateError([new Error('a'), new Error('b')]))).toBe('a; b');
  });

  it.each([
    ['text', 'text'],
    [undefined, 'undefined'],
    [new TerminalError('no'), 'no'],
  ])('takes %s', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});

describe('SchemaViolationError', () => {
  it('lists every violation with its path', () => {
    const violations = [
      { path: '/lines/0/quantity', message: 'must be at least 1' },
      { path: '', message: 'must be an object' },
    ];
    expect(new SchemaViolationError('order', violations).message).toBe(
      'order: /lines/0/quantity must be at least 1; (root) must be an object',
    );
  });
});
