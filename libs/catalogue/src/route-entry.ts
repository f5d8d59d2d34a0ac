import type { JsonSchema } from './catalogue-entry.ts';

/** One HTTP route of a service. */
export interface RouteEntry {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Such as `/users/:userId`. */
  readonly path: string;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: boolean;
  /** Of an object with the path's parameters; absent for a path without any. */
  readonly params?: JsonSchema;
  readonly query?: JsonSchema;
  /** Names in lower case. */
  readonly headers?: JsonSchema;
  readonly body?: JsonSchema;
  /** Status → answer; those that the runtime gives are among them. */
  readonly answers: Readonly<Record<string, AnswerEntry>>;
  readonly access: AccessEntry;
  /** Whether the gateway passes requests on to it. */
  readonly gateway: boolean;
  /** Who may ask how often; the gateway counts. */
  readonly limits: readonly LimitEntry[];
  readonly cache?: CacheEntry;
  /** More is answered with 413. */
  readonly maxBodyBytes: number;
  readonly timeoutMs: number;
  /** The body is taken as it is, whatever its type; a signature may be made over its bytes. */
  readonly raw: boolean;
  /** The answer may go on for long, piece by piece: nothing on the way may hold it back. */
  readonly stream: boolean;
  /** Types of the events that a request may publish. */
  readonly emits: readonly string[];
}

export interface AnswerEntry {
  readonly description: string;
  /** Of the body; absent where there is none, or where it is no JSON. */
  readonly schema?: JsonSchema;
  /** Of a body that is no JSON. */
  readonly contentType?: string;
  /** Header → what it says. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the body is a problem document (RFC 9457). */
  readonly problem?: boolean;
}

/** Who may call a route. */
export type AccessEntry =
  | 'anyone'
  | 'signed-in'
  | {
      /** One is enough; empty: no role is asked for. */
      readonly roles: readonly string[];
      /** All are needed. */
      readonly scopes: readonly string[];
      /** The path parameter that must be the caller's subject; one of `roles` does as well. */
      readonly owner?: string;
    }
  | {
      /** A bearer token that services share; never through the gateway. */
      readonly token: true;
    };

export interface LimitEntry {
  readonly per: 'client' | 'user';
  readonly requests: number;
  readonly windowMs: number;
}

export interface CacheEntry {
  readonly maxAgeMs: number;
  readonly per: 'everyone' | 'user';
  /** Request headers, in lower case. */
  readonly vary: readonly string[];
  /** The event's type, and the path parameter that is its subject; without one, any such event ends every answer of the route. */
  readonly invalidatedBy: readonly { readonly type: string; readonly param?: string }[];
}
