import { describe, expect, it } from '@jest/globals';

import type { Access } from '../definition/route-access.ts';
import { refusalOf } from './refusal.ts';

const ADA = { subject: 'ada', roles: ['clerk'], scopes: ['read'] };

describe('whoever calls', () => {
  it.each<[string, Access, typeof ADA | undefined, string | undefined, number | undefined]>([
    ['nobody, where anyone may', 'anyone', undefined, undefined, undefined],
    ['nobody, where one must sign in', 'signed-in', undefined, undefined, 401],
    ['somebody, where one must sign in', 'signed-in', ADA, undefined, undefined],
    ['nobody, where a role is needed', { roles: ['clerk'] }, undefined, undefined, 401],
    ['with one of the roles', { roles: ['admin', 'clerk'] }, ADA, undefined, undefined],
    ['without the role', { roles: ['admin'] }, ADA, undefined, 403],
    ['with the scope', { scopes: ['read'] }, ADA, undefined, undefined],
    ['with one scope of two', { scopes: ['read', 'write'] }, ADA, undefined, 403],
    ['with the role, without the scope', { roles: ['clerk'], scopes: ['write'] }, ADA, undefined, 403],
    ['who owns it', { owner: 'id' }, ADA, 'ada', undefined],
    ['who does not own it', { owner: 'id' }, ADA, 'bob', 403],
    ['who writes the name otherwise', { owner: 'id' }, ADA, 'Ada', 403],
    ['who gives no name', { owner: 'id' }, ADA, undefined, 403],
    ['who does not own it, with the role', { owner: 'id', roles: ['clerk'] }, ADA, 'bob', undefined],
    ['who owns it, without the role', { owner: 'id', roles: ['admin'] }, ADA, 'ada', undefined],
    ['who owns it, without the scope', { owner: 'id', scopes: ['write'] }, ADA, 'ada', 403],
    ['as a user, where services are meant', { token: 'T' }, ADA, undefined, 403],
  ])('%s', (_case, access, caller, owner, status) => {
    expect(refusalOf(access, caller, owner)?.status).toBe(status);
  });

  it('is told what to do', () => {
    expect(refusalOf('signed-in', undefined)).toMatchObject({ challenge: 'Bearer' });
    expect(refusalOf({ scopes: ['read', 'write'] }, ADA)).toMatchObject({
      detail: 'the token lacks the scope write',
      challenge: 'Bearer error="insufficient_scope", scope="read write"',
    });
  });
});
