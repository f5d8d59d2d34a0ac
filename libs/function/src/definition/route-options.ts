import type { ConfigOf, DurationString, Logger, Settings } from '@ebb/core';
import type { EventDefinition, StandardSchemaV1 } from '@ebb/events';
import type { Sql } from '@ebb/postgres';
import type { Request, Response } from 'express';

import type { After, Cancel, Emit } from './event-types.ts';
import type { Access, CallerFor } from './route-access.ts';
import type { AnswerOf, AnswersOptions } from './route-answers.ts';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** A method and a path, such as `PATCH /users/:userId`. */
export type RouteTarget = `${Method} /${string}`;

/** The parameters in a route's path. */
export type ParamOf<Target extends string> = Target extends `${infer Head}/${infer Tail}`
  ? ParamOf<Head> | ParamOf<Tail>
  : Target extends `:${infer Name}`
    ? Name
    : never;

/** One transaction of a route: its SQL and its events commit together, or not at all. */
export interface RouteTransaction<Emits extends readonly EventDefinition[] = readonly EventDefinition[]> {
  readonly db: Sql;
  readonly emit: Emit<Emits>;
  readonly after: After<Emits>;
  readonly cancel: Cancel;
  readonly log: Logger;
  /** Aborted when the client goes away or the route's `timeout` is over. */
  readonly signal: AbortSignal;
}

/** What a route's handler works with, besides its request. */
export interface RouteContext<
  Emits extends readonly EventDefinition[] = readonly EventDefinition[],
  S extends Settings = Settings,
> {
  /** Runs `run` in one transaction; what it emits has the request's id as correlation id. */
  readonly transaction: <T>(run: (tx: RouteTransaction<Emits>) => Promise<T>) => Promise<T>;
  /** For reads outside a transaction. */
  readonly db: Sql;
  /** Lines carry the request's id. */
  readonly log: Logger;
  readonly config: ConfigOf<S>;
  /** Aborted when the client goes away or the route's `timeout` is over. */
  readonly signal: AbortSignal;
}

type MaybeSchema = StandardSchemaV1 | undefined;
type OutputOf<Schema extends MaybeSchema, Otherwise> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : Otherwise;
type ParamsOf<Target extends string, Params extends MaybeSchema> = OutputOf<
  Params,
  Readonly<Record<ParamOf<Target>, string>>
>;
type BodyOf<Body extends MaybeSchema, Raw> = Raw extends true ? Buffer : OutputOf<Body, undefined>;

/** A request that kept to what its route asks for. */
export interface RouteRequest<Params = unknown, Query = unknown, Headers = unknown, Body = unknown, Who = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
  readonly caller: Who;
  /** Express's own, for what a route seldom needs. */
  readonly request: Request;
  readonly response: Response;
}

/** What a request of a route with `raw` has as well. */
interface RawRequest<Body> {
  /**
   * The bytes as JSON, checked against the route's `body`.
   * @throws EbbError EBB_JSON, answered with 400; HttpProblem 422 with every violation
   */
  readonly read: () => Body;
}

/** How often a client, or a user, may ask within a time; the gateway counts. */
export interface LimitOptions {
  readonly per: 'client' | 'user';
  readonly requests: number;
  readonly window: DurationString;
}

/** How long the gateway may answer with what was answered before. */
export interface CacheOptions<Param extends string> {
  readonly maxAge: DurationString;
  /** Whether one answer serves everyone who may call the route, or each user has their own. Default: their own, where `access` asks who calls. */
  readonly per?: 'everyone' | 'user';
  /** Request headers on which the answer depends. */
  readonly vary?: readonly string[];
  /** Events that end an answer's time early: of the entity that the path parameter names, or, without one, any. */
  readonly invalidatedBy?: readonly { readonly event: EventDefinition; readonly param?: Param }[];
}

/** Nobody can give it. While the answers are still inferred it keeps a status what it is, `200` and not `number`. */
interface LiteralStatus {
  readonly status: 0;
  readonly body?: unknown;
  readonly nobody: never;
}

type Given<Answers extends AnswersOptions, Stream> =
  AnswerOf<NoInfer<Answers>> | (Stream extends true ? undefined : never) | LiteralStatus;

export interface RouteOptions<
  Target extends RouteTarget,
  Params extends MaybeSchema,
  Query extends MaybeSchema,
  Headers extends MaybeSchema,
  Body extends MaybeSchema,
  Answers extends AnswersOptions,
  A extends Access<ParamOf<Target>>,
  Raw extends boolean,
  Stream extends boolean,
  Emits extends readonly EventDefinition[],
  S extends Settings,
> {
  /** One line for documents. */
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  /** Of the path's parameters; 404 to what does not fit. Without one each is a text. */
  readonly params?: Params;
  /** Of the query, where each value is a text, or a list of them: coerce numbers (`z.coerce.number()`). 400 to what does not fit. */
  readonly query?: Query;
  /** Of the headers that matter, in lower case. 400 to what does not fit. */
  readonly headers?: Headers;
  /** Of the JSON body. 422 to what does not fit, 415 to what is no JSON. With `raw` it is checked by `read()`. */
  readonly body?: Body;
  /** Every answer that the route gives by itself; what the runtime answers is added to the documents. */
  readonly answers: Answers;
  readonly access: A;
  /** Whether the gateway passes requests on to it. Default true, except where `access` asks for a token. */
  readonly gateway?: boolean;
  readonly limit?: LimitOptions | readonly LimitOptions[];
  /** Of GET only. Default: nothing is kept. */
  readonly cache?: CacheOptions<ParamOf<Target>>;
  /** Bytes of a body that are read. Default 1 MiB. */
  readonly maxBody?: number;
  /** After this the signal is aborted and the answer is 503. Default: the service's. */
  readonly timeout?: DurationString;
  /** The handler gets the body's bytes, to verify a signature over them before it calls `read()`. */
  readonly raw?: Raw;
  /** The handler may write to `response` itself, for as long as `timeout` says (server-sent events); nothing holds it back on the way. */
  readonly stream?: Stream;
  /** Every event that the route may emit. */
  readonly emits?: Emits;
  /** Settings that the handler reads from `config`; the service's environment must give them. */
  readonly settings?: S;
  readonly handle: (
    request: RouteRequest<
      ParamsOf<Target, Params>,
      OutputOf<Query, Readonly<Record<string, string | readonly string[]>>>,
      OutputOf<Headers, Readonly<Record<string, string | readonly string[] | undefined>>>,
      BodyOf<Body, Raw>,
      CallerFor<A>
    > &
      (Raw extends true ? RawRequest<OutputOf<Body, unknown>> : unknown),
    context: RouteContext<Emits, S>,
  ) => Given<Answers, Stream> | Promise<Given<Answers, Stream>>;
}
