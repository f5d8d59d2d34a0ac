import type { RouteCors } from '../routing/gateway-route.ts';

/** Which scripts of other origins may use the API, where a route does not say so itself. */
export interface CorsDefaults extends RouteCors {
  /** Headers that scripts may send, besides the safe ones. */
  readonly requestHeaders: readonly string[];
}

const ANY = '*';
/** Scripts may read these of every answer: what the gateway itself has to say. */
const EXPOSED = ['etag', 'location', 'link', 'retry-after', 'ratelimit', 'ratelimit-policy', 'x-request-id'] as const;

/** One route's rules, ready to be asked. */
export class CorsRule {
  /** What `Vary: Origin` is about. */
  readonly dependsOnOrigin: boolean;
  readonly credentials: boolean;
  readonly exposed: string;
  readonly maxAgeS: string;
  readonly #origins: ReadonlySet<string>;
  readonly #isOpen: boolean;

  constructor({ origins, credentials, maxAgeMs, exposedHeaders }: RouteCors) {
    this.#origins = new Set(origins);
    // To allow every origin with credentials would be to let every page act for whoever visits it.
    this.#isOpen = origins.includes(ANY) && !credentials;
    this.credentials = credentials;
    this.dependsOnOrigin = !this.#isOpen;
    this.exposed = [...new Set([...EXPOSED, ...exposedHeaders.map((name) => name.toLowerCase())])].join(', ');
    this.maxAgeS = String(Math.floor(maxAgeMs / 1_000));
  }

  /** The value of `Access-Control-Allow-Origin`; undefined for an origin that is not allowed. Origins count letter by letter. */
  allowedOrigin(origin: string): string | undefined {
    if (this.#isOpen) return ANY;
    // `null` is what sandboxes, files and redirects say: everybody can.
    return origin !== 'null' && origin !== ANY && this.#origins.has(origin) ? origin : undefined;
  }
}
