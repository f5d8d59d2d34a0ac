import { describe, expect, it } from '@jest/globals';
import { EbbError, HttpProblem, RetryableError, SchemaViolationError, TimeoutError } from '@ebb/core';
import { problemOf } from './problems.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
const starting = Object.assign(new Error('the database system is starting up'), { code: '57P03' });

describe('the answer to a request that failed', () => {
  it.each([
    ['PostgreSQL is away', refused, '1'],
    ['PostgreSQL is starting', starting, '1'],
    ['it took too long', new TimeoutError('30 s'), '1'],
    ['its handler says when to come again', new RetryableError('busy', { after: '7s' }), '7'],
  ])('is 503 with Retry-After when %s', (_why, error, seconds) => {
    expect(problemOf(error)).toMatchObject({ problem: { status: 503 }, headers: { 'retry-after': seconds } });
  });

  it.each([
    ['what the handler throws for the client', new HttpProblem(409, 'taken'), 409],
    ['a schema violation', new SchemaViolationError('body', []), 422],
    ['JSON that is none', new EbbError('EBB_JSON', 'no JSON'), 400],
    ['too large a body', new EbbError('EBB_TOO_LARGE', 'large'), 413],
    ['what a router found', Object.assign(new Error('no'), { status: 400 }), 400],
    ['anything else, of which nothing is told', new Error('secret'), 500],
  ])('is told apart: %s', (_what, error, status) => {
    const { problem, headers } = problemOf(error);
    expect(problem.status).toBe(status);
    expect(headers).toEqual({});
    expect(JSON.stringify(problem)).not.toContain('secret');
  });
});
