import { expect, it } from '@jest/globals';
import { KEY_LEAD_MS, rotationOf } from './key-rotation.ts';

const active = (activeForMs: number) => ({ kid: 'a', publishedForMs: activeForMs + 1, activeForMs });
const next = (publishedForMs: number) => ({ kid: 'b', publishedForMs, activeForMs: undefined });

it.each([
  ['nothing signs', undefined, undefined, 'begin'],
  ['nothing waits', active(0), undefined, 'publish'],
  ['it has not signed for long', active(999), next(KEY_LEAD_MS), 'wait'],
  ['the next one was published only now', active(1_000), next(KEY_LEAD_MS - 1), 'wait'],
  ['it has signed for long enough', active(1_000), next(KEY_LEAD_MS), 'rotate'],
] as const)('when %s', (_what, signs, waits, rotation) => {
  expect(rotationOf(signs, waits, 1_000)).toBe(rotation);
});
