import type { Violation } from './errors.ts';

/** Problem details for HTTP (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  /** What broke the schema, each with its JSON Pointer. */
  readonly violations?: readonly Violation[];
  readonly requestId?: string;
  readonly [extension: string]: unknown;
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** A problem document for a status; `type` stays about:blank, so the title is the status's own (RFC 9457, 4.2.1). */
export function problem(
  status: number,
  detail?: string,
  extensions: Omit<Partial<Problem>, 'status' | 'detail'> = {},
): Problem {
  return { type: 'about:blank', title: TITLES[status] ?? 'Error', status, ...(detail && { detail }), ...extensions };
}

/** Thrown by a route's handler to answer with a problem document. */
export class HttpProblem extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    options: { extensions?: Omit<Partial<Problem>, 'status' | 'detail'>; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.name = 'HttpProblem';
    this.problem = problem(status, detail, options.extensions);
    this.headers = options.headers ?? {};
  }
}
