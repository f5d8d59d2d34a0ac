import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refreshed } from './session.ts';

const GRACE_MS = 10_000;

const state = { generation: 3, sinceRotationMs: 60_000, isOver: false };

it.each([
  ['the good one', 3, state, 'rotate'],
  ['the one before, at once', 2, { ...state, sinceRotationMs: GRACE_MS }, 'repeat'],
  ['the one before, later', 2, { ...state, sinceRotationMs: GRACE_MS + 1 }, 'reuse'],
  ['an older one, at once', 1, { ...state, sinceRotationMs: 0 }, 'reuse'],
  ['one that was never given', 4, state, 'over'],
  ['the good one of a session that is over', 3, { ...state, isOver: true }, 'over'],
  ['an old one of a session that is over', 0, { ...state, isOver: true }, 'over'],
] as const)('a refresh token that is %s', (_what, presented, session, outcome) => {
  expect(refreshed(session, presented, GRACE_MS)).toBe(outcome);
});

it('there is never more than one token that leads on', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), (generation, sinceRotationMs, presented) => {
      const outcome = refreshed({ generation, sinceRotationMs, isOver: false }, presented, GRACE_MS);
      if (outcome === 'rotate') expect(presented).toBe(generation);
      // What is repeated is the token of this very generation.
      if (outcome === 'repeat') expect(presented + 1).toBe(generation);
    }),
  );
});
