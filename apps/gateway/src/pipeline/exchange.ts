import type { IncomingHttpHeaders } from 'node:http';

import type { Logger } from '@ebb/core';
import type { Span } from '@opentelemetry/api';

import type { GatewayRoute } from '../routing/gateway-route.ts';
import type { Answer, AnswerHook } from './answer.ts';
import type { Refusal } from './refusal.ts';

/** Who sent a request, once a token proved it. */
export interface Caller {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly issuer: string;
  readonly sessionId?: string;
}

/** Who is on the other end of the connection, or stands behind proxies that we trust. */
export interface Client {
  /** An IP address; IPv4 in its own form, never mapped into IPv6. */
  readonly address: string;
  readonly scheme: 'http' | 'https';
  /** The host that the client asked, with its port. */
  readonly host: string;
}

/** One request on its way through the gateway, and what becomes of it. */
export interface Exchange {
  /** As the client sent it, upper-case; of a CORS preflight `OPTIONS`, while `route` is the one that it asks for. */
  readonly method: string;
  /** Without the query; every segment is encoded in one way only. */
  readonly path: string;
  /** What follows the `?`, as the client sent it; empty without one. */
  readonly query: string;
  /** Decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The client's; names are lower-case. */
  readonly headers: IncomingHttpHeaders;
  /** NO_ROUTE when none matches. */
  readonly route: GatewayRoute;
  readonly client: Client;
  /** The client's own `x-request-id` when it is a sane one; it goes to the upstream, into the answer and into problems. */
  readonly requestId: string;
  /** Set by `authenticate`. */
  caller: Caller | undefined;
  /** The client wants another protocol on this connection, such as a WebSocket. */
  readonly upgrade: boolean;
  /** Aborted when the client goes away, or the route's time is over. */
  readonly signal: AbortSignal;
  /** Its lines carry the request id. */
  readonly log: Logger;
  /** The server span. */
  readonly span: Span;
  /** Sets a header of the request to the upstream, whatever the client sent; undefined takes it out. The name is lower-case. */
  forward(name: string, value: string | undefined): void;
  /** Adds a header to the answer, whoever gives it: the upstream, the cache, or a refusal. The name is lower-case. `vary` adds up. */
  addHeader(name: string, value: string): void;
  /** The hook sees the upstream's answer. */
  onAnswer(hook: AnswerHook): void;
  /** Calls back once when the exchange is over, however it ended: answered, refused on the way, or given up by the client. */
  onEnd(callback: () => void): void;
  /** Reads the whole body, at most the route's `maxBodyBytes`. After it the body cannot go to an upstream any more. */
  readBody(): Promise<Buffer | Refusal>;
}

/** What a policy says: nothing, so that the request goes on; or what it is answered with. */
export type Verdict = Refusal | Answer | undefined;

/** One rule that requests must pass. It answers at once where it can: a promise costs every request. */
export type Policy = (exchange: Exchange) => Verdict | Promise<Verdict>;

/** Every policy, in the order in which they are asked. */
export interface Policies {
  /** Answers preflights; adds the headers of CORS to other answers. Also asked about requests that match no route. */
  readonly cors: Policy;
  /** Also asked about requests that match no route. */
  readonly clientLimit: Policy;
  /** Takes webhooks, and answers them. */
  readonly webhook: Policy;
  /** Sets `caller` from a token; refuses a token that is wrong. */
  readonly authenticate: Policy;
  /** Holds `caller` against the route's access. */
  readonly authorize: Policy;
  readonly userLimit: Policy;
  /** Answers from what it keeps, or sees to it that the answer is kept. */
  readonly cache: Policy;
  /** Forwards the caller's identity to a service. */
  readonly identity: Policy;
}

export const POLICY_ORDER = [
  'cors',
  'clientLimit',
  'webhook',
  'authenticate',
  'authorize',
  'userLimit',
  'cache',
  'identity',
] as const satisfies readonly (keyof Policies)[];
