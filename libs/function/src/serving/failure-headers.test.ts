import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { failureHeaders, retryAfterOf } from './failure-headers.ts';

/** What the Kafka data plane makes of `kne-<x>` on a failure: the extension x. */
const CONTEXT_ATTRIBUTES = new Set([
  'id',
  'source',
  'type',
  'specversion',
  'subject',
  'time',
  'data',
  'datacontenttype',
]);

describe('the headers of a failure', () => {
  it('are legal extensions with short printable values, whatever the error says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (detail) => {
        for (const [name, value] of Object.entries(failureHeaders('fn', 'retry', detail))) {
          const extension = name.slice('kne-'.length);
          expect(name).toMatch(/^kne-[a-z0-9]+$/);
          expect(CONTEXT_ATTRIBUTES.has(extension)).toBe(false);
          expect(value).toMatch(/^[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?$|^[\x21-\x7e][\x20-\x7e]{0,199}$/);
        }
      }),
    );
  });

  it('ask for whole seconds, never for fewer than are needed', () => {
    expect(retryAfterOf(undefined)).toEqual({});
    expect(retryAfterOf('200ms')).toEqual({ 'retry-after': '1' });
    expect(retryAfterOf('1.2s')).toEqual({ 'retry-after': '2' });
    expect(retryAfterOf(60_000)).toEqual({ 'retry-after': '60' });
  });
});
