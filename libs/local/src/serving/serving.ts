import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Deployment, KnativeService } from '@ebb/knative';
import type { SpanContext } from '@opentelemetry/api';

/** What runs a service on this machine. A new hash makes a new revision, as a new image digest does in a cluster. */
export interface Artifact {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly hash: string;
}

/** A request that this process makes itself: the body is held in memory. */
export interface ServingRequest {
  readonly method: string;
  /** With the query, such as '/functions/reserve-stock'. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** From the call to the last byte of the answer, the wait for a start included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** The span that a wait for a start belongs to; without it the request's `traceparent` header is the parent. */
  readonly parent?: SpanContext;
}

export interface ServingResponse {
  readonly status: number;
  /** Names in lower case; several values of one name are joined with ', '. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** zero: nothing runs and nothing is wanted · activating: wanted, not yet ready · failing: its last starts failed. */
export type ServiceState = 'zero' | 'activating' | 'ready' | 'failing';

export interface ServiceStatus {
  readonly name: string;
  readonly kind: 'service' | 'worker';
  readonly state: ServiceState;
  /** Processes that take requests now; in the state zero, the last one may still be in its grace period. */
  readonly ready: number;
  /** Processes that the autoscaler (or `replicas`) wants. */
  readonly want: number;
  /** The revision that the next request goes to. */
  readonly revision: string;
  readonly url?: string;
  /** Spawn → ready, of the last process that became ready. */
  readonly lastColdStartMs?: number;
  /** Why it fails, or why the newest revision was given up while an older one goes on; the last lines of stderr are in it. */
  readonly lastError?: string;
  readonly panicking: boolean;
}

/** Knative Serving on one machine: revisions, activator, queue proxy and autoscaler over real processes. */
export interface Serving {
  /**
   * Applies a Knative Service (or a worker's Deployment) with what runs it; a changed template or artifact makes a new revision.
   * Resolves when the revision is ready; unchanged, it resolves at once.
   * @throws RevisionFailedError when it cannot become ready; an older revision goes on serving
   */
  apply(resource: KnativeService | Deployment, artifact: Artifact): Promise<void>;
  /** Drains and ends a service; unknown names are fine. */
  remove(name: string): Promise<void>;
  /**
   * A request of this process, through the same activator and queue proxy as a client's. What goes wrong on the way is
   * answered as in a cluster: 404 unknown service, 502 connection lost, 503 cannot start or too many waiting, 504 `timeoutSeconds`.
   * @throws TimeoutError when the request's own `timeoutMs` passed; the signal's reason when it was aborted
   */
  request(service: string, request: ServingRequest): Promise<ServingResponse>;
  /** A client's HTTP request, streamed through. */
  proxy(service: string, req: IncomingMessage, res: ServerResponse): void;
  /** A client's request to upgrade its connection (WebSocket). */
  upgrade(service: string, req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Whether a service, or a tag of one (`<tag>-<service>`), has this name. */
  has(service: string): boolean;
  status(): readonly ServiceStatus[];
  /** Ends everything: SIGTERM after the requests in flight, then SIGKILL. Nothing is left running when it resolves. */
  stop(): Promise<void>;
}
