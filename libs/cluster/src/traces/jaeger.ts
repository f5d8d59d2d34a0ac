import { decodeOtlp, type StoredSpan } from '@ebb/traces';
import { ClusterError } from '../errors.ts';
import { spansOfV1, type V1Answer } from './jaeger-v1.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Asks Jaeger's query service for a path. */
export type AskJaeger = (path: string) => Promise<HttpAnswer>;

/** Which spans: those of a service that began in a window, and what else is in their traces. */
export interface SpanQuery {
  readonly service: string;
  readonly since: Date;
  readonly until: Date;
  readonly tags?: Readonly<Record<string, string>>;
  /** At most so many traces. */
  readonly limit: number;
}

const NOT_FOUND = 404;

/** Reads traces from a Jaeger, by its present query API (/api/v3) or by the one of before, whichever it has. */
export class Jaeger {
  readonly #ask: AskJaeger;

  constructor(ask: AskJaeger) {
    this.#ask = ask;
  }

  /** Empty when it knows of no such trace. */
  async trace(traceId: string): Promise<readonly StoredSpan[]> {
    const present = await this.#ask(`/api/v3/traces/${traceId}`);
    if (present.status === 200) return spansOfV3(present.body);
    return spansOfV1(await this.#before(`/api/traces/${traceId}`));
  }

  async services(): Promise<readonly string[]> {
    const present = await this.#ask('/api/v3/services');
    if (present.status === 200) return jsonOf<{ services?: readonly string[] }>(present.body).services ?? [];
    const before = await this.#ask('/api/services');
    if (before.status !== 200) throw refused(before);
    return jsonOf<{ data: readonly string[] | null }>(before.body).data ?? [];
  }

  /** The traces that have such a span. The API of before is asked first: not every version of the present one looks at tags. */
  async search({ service, since, until, tags = {}, limit }: SpanQuery): Promise<readonly StoredSpan[]> {
    const query = new URLSearchParams({
      service,
      start: String(since.getTime() * 1_000),
      end: String(until.getTime() * 1_000),
      limit: String(limit),
      ...(Object.keys(tags).length > 0 && { tags: JSON.stringify(tags) }),
    });
    const before = await this.#ask(`/api/traces?${query.toString()}`);
    if (before.status === 200) return spansOfV1(jsonOf<V1Answer>(before.body));
    const present = await this.#ask(`/api/v3/traces?${presentQuery({ service, since, until, tags, limit })}`);
    if (present.status === NOT_FOUND) return [];
    if (present.status !== 200) throw refused(present);
    return spansOfV3(present.body);
  }

  async #before(path: string): Promise<V1Answer> {
    const answer = await this.#ask(path);
    if (answer.status === NOT_FOUND) return { data: [] };
    if (answer.status !== 200) throw refused(answer);
    return jsonOf<V1Answer>(answer.body);
  }
}

function presentQuery({ service, since, until, tags, limit }: Required<SpanQuery>): string {
  return new URLSearchParams({
    'query.service_name': service,
    'query.start_time_min': since.toISOString(),
    'query.start_time_max': until.toISOString(),
    'query.search_depth': String(limit),
    ...(Object.keys(tags).length > 0 && { 'query.attributes': JSON.stringify(tags) }),
  }).toString();
}

/** OTLP in JSON, in an envelope. */
function spansOfV3(body: string): readonly StoredSpan[] {
  const { result } = jsonOf<{ result?: unknown }>(body);
  return decodeOtlp('application/json', Buffer.from(JSON.stringify(result ?? {})));
}

function jsonOf<T>(body: string): T {
  try {
    return JSON.parse(body) as T;
  } catch (error) {
    throw new ClusterError('the query service of Jaeger answered something that is no JSON', { cause: error });
  }
}

function refused({ status, body }: HttpAnswer): ClusterError {
  return new ClusterError(`the query service of Jaeger answered ${status}: ${body.slice(0, 200)}`, { status });
}
