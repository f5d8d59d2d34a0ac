/** One route of the gateway: from the catalogue, or from its own file. Made once, shared by all requests, never changed. */
export interface GatewayRoute {
  /** Unique; a label of metrics and spans: `PATCH /users/:userId`. */
  readonly id: string;
  /** Upper-case. HEAD comes with GET. */
  readonly methods: readonly string[];
  /** `/users/:userId`; with `prefix`, everything below as well. */
  readonly path: string;
  readonly prefix: boolean;
  /** Taken off the front of the path before the upstream sees it; empty for nothing. */
  readonly stripPrefix: string;
  /** Where requests go; a route that takes webhooks has none. */
  readonly upstream?: Upstream;
  readonly access: RouteAccess;
  readonly limits: readonly RouteLimit[];
  readonly cache?: RouteCache;
  readonly cors?: RouteCors;
  readonly webhook?: RouteWebhook;
  readonly maxBodyBytes: number;
  readonly timeoutMs: number;
  /** The answer is long (server-sent events): no time limit for the whole of it, and no cache. */
  readonly stream: boolean;
}

/** Who a route's requests are handed to. */
export interface Upstream {
  /** A service's name, or the origin of another system: what breakers and metrics know it by. */
  readonly name: string;
  /** Of a service of this platform: the audience of the identity that it is given. Other systems are given none. */
  readonly service?: string;
  /** Its base URL, without a slash at the end. */
  readonly url: string;
}

export type RouteAccess =
  | 'anyone'
  | 'signed-in'
  | {
      readonly roles?: readonly string[];
      readonly scopes?: readonly string[];
      /** The path parameter that must equal the caller's subject, unless the caller has one of `roles`. */
      readonly owner?: string;
    };

export interface RouteLimit {
  readonly per: 'client' | 'user';
  readonly requests: number;
  readonly windowMs: number;
}

export interface RouteCache {
  readonly maxAgeMs: number;
  readonly per: 'everyone' | 'user';
  /** Lower-case names of request headers. */
  readonly vary: readonly string[];
  readonly invalidatedBy: readonly { readonly type: string; readonly param?: string }[];
}

export interface RouteCors {
  /** Origins that may read answers; `*` is every one, and never with credentials. */
  readonly origins: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeMs: number;
  /** Headers of answers that scripts may read, besides the safe ones. */
  readonly exposedHeaders: readonly string[];
}

export interface RouteWebhook {
  /** Type of the CloudEvent that a webhook becomes. */
  readonly event: string;
  /** Name of the secret in WEBHOOK_SECRETS. */
  readonly secret: string;
}

/** Whose tokens the gateway believes. */
export interface Issuer {
  /** The `iss` of its tokens. */
  readonly issuer: string;
  /** URL of its JWK Set. */
  readonly jwksUrl: string;
  /** What `aud` must hold. */
  readonly audience: string;
  /** Of these its tokens must be, and asymmetric; EdDSA and ES256 when absent. */
  readonly algorithms?: readonly string[];
  /** The service of this platform that issues them. */
  readonly service?: string;
  /** Of an issuer elsewhere: stands before its subjects (`name|subject`), so that nobody there becomes somebody here. */
  readonly name?: string;
  /** Of an issuer elsewhere: the claim that holds roles. Without it its tokens carry none. */
  readonly roles?: string;
}

/** Stands for the route of a request that matches none, so that limits and CORS hold for it, too. */
export const NO_ROUTE: GatewayRoute = Object.freeze({
  id: '(none)',
  methods: [],
  path: '/',
  prefix: true,
  stripPrefix: '',
  access: 'anyone',
  limits: [],
  maxBodyBytes: 0,
  timeoutMs: 0,
  stream: false,
});
