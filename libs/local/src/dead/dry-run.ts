import type { CatalogueEntry } from '@ebb/catalogue';
import { HttpProblem, type Secret } from '@ebb/core';
import type { ParkedEvent } from '@ebb/postgres/parked';
import type { DryRunReport } from '../control/dead-api.ts';
import type { Serving } from '../serving/serving.ts';

/** A cold start, and what it takes beyond the handler's own time. */
const SLACK_MS = 30_000;

export interface DryRunOptions {
  readonly serving: Pick<Serving, 'request'>;
  readonly entries: () => readonly CatalogueEntry[];
  /** What services know the platform by. */
  readonly token: Secret;
}

/** Has a function run on a parked event and roll back. @throws HttpProblem 409 where that is not possible, or what the service answers */
export async function dryRunOf(
  service: string,
  { fn, event }: ParkedEvent,
  { serving, entries, token }: DryRunOptions,
): Promise<DryRunReport> {
  const entry = entries().find(({ name }) => name === service);
  const definition = entry?.functions.find(({ name }) => name === fn);
  if (!entry?.database || !definition) {
    throw new HttpProblem(
      409,
      'a dry run is not possible: only a function of a service with a database can be rolled back',
    );
  }
  const { status, body } = await serving.request(service, {
    method: 'POST',
    path: definition.path,
    headers: { 'content-type': 'application/cloudevents+json', 'ebb-dry-run': token.reveal() },
    body: Buffer.from(JSON.stringify(event)),
    timeoutMs: definition.timeoutMs + SLACK_MS,
  });
  const answer = jsonOf(body);
  if (status === 200 && answer) return answer as unknown as DryRunReport;
  const detail = typeof answer?.detail === 'string' ? answer.detail : `${service} answered ${status} to a dry run`;
  throw new HttpProblem(status === 409 ? 409 : 502, detail);
}

function jsonOf(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
