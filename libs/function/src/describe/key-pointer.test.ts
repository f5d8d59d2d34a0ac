import { describe, expect, it } from '@jest/globals';
import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';

import { keyPointerOf } from './key-pointer.ts';

const Data = z.object({ id: z.string(), 'a/b': z.object({ 'c~d': z.string() }), tags: z.array(z.string()) });
type Data = z.infer<typeof Data>;

const eventBy = (key: (data: Data) => string) =>
  defineEvent('dev.ebb.shop.thing.sold.v1', {
    topic: 'things',
    key,
    data: Data,
    example: { id: 't-1', 'a/b': { 'c~d': 'deep' }, tags: ['first'] },
  });

describe('the pointer to a key', () => {
  it.each<[string, (data: Data) => string, string | undefined]>([
    ['a property', ({ id }) => id, '/id'],
    ['a place further down, with the letters that a pointer escapes', (data) => data['a/b']['c~d'], '/a~1b/c~0d'],
    ['an element', ({ tags }) => tags[0] ?? '', '/tags/0'],
    ['nothing, when the key is put together', ({ id, tags }) => `${id} ${tags[0] ?? ''}`, undefined],
    ['nothing, when the key is computed', ({ id }) => id.toUpperCase(), undefined],
    ['nothing, when the key is always the same', () => 'all', undefined],
  ])('is %s', (_what, key, pointer) => {
    expect(keyPointerOf(eventBy(key))).toBe(pointer);
  });
});
