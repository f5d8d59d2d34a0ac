import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem, type Json } from '@ebb/core';
import { sendJson, sendProblem } from '../front/answer.ts';
import type { DeadLetters } from '../dead/dead-letters.ts';
import type { DryRunReport } from './dead-api.ts';
import { parseDeadQuery, parseDiscard, parseEdit, parseRedrive, parseRedriveOne } from './dead-request.ts';

/** What `/ebb/v1/dead…` shows and does. */
export interface DeadBackend {
  readonly letters: DeadLetters;
  readonly dryRun: (id: string) => Promise<DryRunReport>;
}

/** How the control API reads a request; shared by its parts. */
export interface RequestReader {
  /** @throws HttpProblem 405 */
  readonly allow: (req: IncomingMessage, method: 'GET' | 'POST') => void;
  /** @throws HttpProblem 415, EbbError EBB_JSON */
  readonly json: (req: IncomingMessage) => Promise<Json>;
}

const ONE = /^\/dead\/([^/]+)(?:\/(redrive|edit|discard|dry-run))?$/;

/** Answers `/dead…`; false when the path is another one. */
export async function answerDead(
  { letters, dryRun }: DeadBackend,
  path: string,
  url: URL,
  req: IncomingMessage,
  res: ServerResponse,
  { allow, json }: RequestReader,
): Promise<boolean> {
  if (path !== '/dead' && !path.startsWith('/dead/')) return false;
  if (path === '/dead' || path === '/dead/count') {
    allow(req, 'GET');
    const { filter, page } = parseDeadQuery(url.searchParams);
    sendJson(res, 200, path === '/dead' ? await letters.list(filter, page) : await letters.count(filter));
    return true;
  }
  if (path === '/dead/redrive') {
    allow(req, 'POST');
    sendJson(res, 200, await letters.redriveNext(parseRedrive(await json(req))));
    return true;
  }
  const [, encoded, what] = ONE.exec(path) ?? [];
  if (encoded === undefined) {
    sendProblem(res, problem(404, `the control API has no ${path}`));
    return true;
  }
  const id = decodeURIComponent(encoded);
  if (what === undefined) {
    allow(req, 'GET');
    sendJson(res, 200, await letters.show(id));
    return true;
  }
  allow(req, 'POST');
  const body = what === 'dry-run' ? {} : await json(req);
  if (what === 'dry-run') sendJson(res, 200, await dryRun(id));
  if (what === 'redrive') sendJson(res, 200, await letters.redrive(id, parseRedriveOne(body).force ?? false));
  if (what === 'edit') {
    const { data, note } = parseEdit(body);
    sendJson(res, 200, await letters.edit(id, data, note));
  }
  if (what === 'discard') {
    await letters.discard(id, parseDiscard(body).note);
    sendJson(res, 200, { id });
  }
  return true;
}
