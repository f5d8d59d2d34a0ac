import type { AnswerEntry } from '@ebb/catalogue';

import { needsCaller, tokenOf } from '../definition/route-access.ts';
import type { RouteDefinition } from '../definition/route.ts';
import type { ServiceDefinition } from '../definition/service.ts';

/** What the runtime, or the gateway before it, may answer instead of the handler: each of them a problem document. */
export function runtimeAnswersOf(
  route: RouteDefinition,
  { needsCaller: serviceNeedsCaller }: Pick<ServiceDefinition, 'needsCaller'>,
): ReadonlyMap<number, AnswerEntry> {
  const { path, params, query, headers, body, raw, access, limits, method, answers } = route;
  const hasBody = body !== undefined || raw;
  const meanings: Readonly<Record<number, string | false>> = {
    304: method === 'GET' && answers.has(200) && 'what the client has is still true',
    400: (query !== undefined || headers !== undefined || hasBody || path.includes(':')) && 'the request does not fit',
    401: (needsCaller(access) || tokenOf(access) !== undefined || serviceNeedsCaller) && 'nobody is signed in',
    403: typeof access === 'object' && !('token' in access) && 'the caller may not do this',
    404: (params !== undefined || path.includes(':')) && 'there is nothing at this path',
    413: hasBody && 'the body is too large',
    415: hasBody && 'the body is not of a type that is read here',
    422: body !== undefined && 'the body does not fit',
    429: limits.length > 0 && 'too many requests',
    500: 'the service failed',
    503: 'the service, or something that it needs, is away',
  };
  return new Map(
    Object.entries(meanings).flatMap(([status, description]) =>
      description === false ? [] : [[Number(status), answerFor(Number(status), description)] as const],
    ),
  );
}

function answerFor(status: number, description: string): AnswerEntry {
  return status < 400 ? { description } : { description, problem: true };
}
