import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpProblem, parseJson, problem, type Json, type Logger } from '@ebb/core';
import { readBody } from '@ebb/events';
import { problemOf, sendJson, sendProblem } from '../front/answer.ts';
import type { PlatformHandler } from '../front/front.ts';
import {
  CONTROL_PATH,
  type CatalogueReport,
  type PublishReceipt,
  type PublishRequest,
  type StatusReport,
  type TraceReport,
} from './api.ts';
import { answerDead, type DeadBackend } from './dead-routes.ts';
import { parsePublishRequest } from './publish-request.ts';

/** What the control API shows and does; the runtime gives it. */
export interface ControlBackend {
  status(): Promise<StatusReport>;
  catalogue(): CatalogueReport;
  publish(request: PublishRequest): Promise<PublishReceipt>;
  readonly dead: DeadBackend;
  trace(id: string, options: { color: boolean; width: number }): Promise<TraceReport>;
  /** Streams what passes; the response is ended by the client or the runtime. */
  tail(filter: { type?: string; subject?: string }, res: ServerResponse): void;
}

const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** `/ebb/v1/…`: what the CLI and the console use. */
export function controlHandler(backend: ControlBackend, logger: Logger): PlatformHandler {
  return (req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith(`${CONTROL_PATH}/`)) return false;
    answer(backend, url, req, res).catch((error: unknown) => {
      const { document, headers } = problemOf(error);
      if (document.status >= 500) logger.error({ err: error, path: url.pathname }, 'a control request failed');
      sendProblem(res, document, headers);
    });
    return true;
  };
}

async function answer(backend: ControlBackend, url: URL, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = url.pathname.slice(CONTROL_PATH.length);
  const traceId = /^\/traces\/([^/]+)$/.exec(path)?.[1];
  if (path === '/publish') {
    allow(req, 'POST');
    sendJson(res, 202, await backend.publish(parsePublishRequest(await jsonBody(req))));
    return;
  }
  if (await answerDead(backend.dead, path, url, req, res, { allow, json: jsonBody })) return;
  allow(req, 'GET');
  if (path === '/status') sendJson(res, 200, await backend.status());
  else if (path === '/catalogue') sendJson(res, 200, backend.catalogue());
  else if (path === '/events') backend.tail(tailFilter(url.searchParams), res);
  else if (traceId !== undefined)
    sendJson(res, 200, await backend.trace(decode(traceId), renderOptions(url.searchParams)));
  else sendProblem(res, problem(404, `the control API has no ${path}`));
}

/** @throws HttpProblem 405 */
export function allow(req: IncomingMessage, method: 'GET' | 'POST'): void {
  if (req.method === method) return;
  throw new HttpProblem(405, `${req.method ?? ''} is not possible here; use ${method}`, { headers: { allow: method } });
}

/** @throws HttpProblem 415, EbbError EBB_JSON */
export async function jsonBody(req: IncomingMessage): Promise<Json> {
  if (!/^application\/json\b/i.test(req.headers['content-type'] ?? '')) {
    throw new HttpProblem(415, 'the body must be application/json');
  }
  return parseJson((await readBody(req, MAX_BODY_BYTES)).toString('utf8'));
}

export function tailFilter(query: URLSearchParams): { type?: string; subject?: string } {
  const [type, subject] = [query.get('type'), query.get('subject')];
  return { ...(type && { type }), ...(subject && { subject }) };
}

const MIN_WIDTH = 60;
const MAX_WIDTH = 400;

function renderOptions(query: URLSearchParams): { color: boolean; width: number } {
  const width = Number(query.get('width') ?? 120);
  return { color: query.get('color') === '1', width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width || MIN_WIDTH)) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpProblem(400, `"${part}" is not percent-encoded properly`);
  }
}
