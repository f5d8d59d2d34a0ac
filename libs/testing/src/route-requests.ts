import type { IncomingMessage, RequestListener } from 'node:http';
import type { Caller, RouteDefinition, ServiceDefinition } from '@ebb/function';
import { send, type Answer, type RequestOptions } from './in-memory-http.ts';
import { assertPromised } from './promised-answer.ts';
import type { Runtime } from './runtime.ts';

/** Who sends a request: a subject, with the roles and scopes that it has. */
export type TestCaller = Pick<Caller, 'subject'> & Partial<Caller>;

export interface RouteRequestOptions extends RequestOptions {
  /** Who is signed in, as the gateway would tell the service. */
  readonly as?: TestCaller;
  /** A bearer token, for a route that asks for one. */
  readonly bearer?: string;
}

type IdentityKey = ReturnType<Runtime['parseIdentityKey']>;

/** Sends requests to the routes of a service as the gateway does, with keys of its own, and looks at what comes back. */
export class RouteRequests {
  /** Whose word on callers the service is to believe. */
  readonly identityKeys: string;
  readonly #definition: ServiceDefinition;
  readonly #runtime: Runtime;
  readonly #key: IdentityKey;
  readonly #routes = new WeakMap<IncomingMessage, RouteDefinition>();

  constructor(definition: ServiceDefinition, runtime: Runtime) {
    const { privateJwk, publicJwks } = runtime.generateIdentityKeys();
    this.identityKeys = publicJwks;
    this.#definition = definition;
    this.#runtime = runtime;
    this.#key = runtime.parseIdentityKey(privateJwk);
  }

  /** Remembers which route took a request. */
  readonly onRoute = (request: IncomingMessage, route: RouteDefinition): void => {
    this.#routes.set(request, route);
  };

  /** @throws EbbError EBB_DEFINITION when the answer is none of those that the route promises */
  async send(
    listener: RequestListener,
    method: string,
    path: string,
    { as, bearer, headers, ...options }: RouteRequestOptions = {},
  ): Promise<Answer> {
    let received: IncomingMessage | undefined;
    const noting: RequestListener = (request, response) => {
      received = request;
      listener(request, response);
    };
    const answer = await send(noting, method, path, {
      ...options,
      headers: { ...(as && this.#identityOf(as)), ...(bearer !== undefined && bearerOf(bearer)), ...headers },
    });
    const route = received && this.#routes.get(received);
    if (route) assertPromised(answer, { method, route, runtimeAnswers: this.#runtimeAnswers(route) });
    return answer;
  }

  #runtimeAnswers(route: RouteDefinition): ReadonlySet<number> {
    return new Set(this.#runtime.runtimeAnswersOf(route, this.#definition).keys());
  }

  #identityOf({ roles = [], scopes = [], issuer = 'urn:test', ...caller }: TestCaller): Record<string, string> {
    const { IDENTITY_HEADER, signIdentity } = this.#runtime;
    return { [IDENTITY_HEADER]: signIdentity(this.#key, { roles, scopes, issuer, ...caller }, this.#definition.name) };
  }
}

function bearerOf(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
