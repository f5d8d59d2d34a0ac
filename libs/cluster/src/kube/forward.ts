import { request, type IncomingMessage } from 'node:http';
import { messageOf } from '@ebb/core';
import { ClusterError } from '../errors.ts';
import { isReadyPod, troubleOf } from '../resources/readiness.ts';
import { selectorOf, type KubeService, type Pod } from '../resources/resources.ts';
import type { KubeApi } from './kube-api.ts';
import { KINDS } from './resource-type.ts';
import { openTunnel, type TunnelEnd } from './tunnel.ts';

/** What to reach: the pods of a Kubernetes Service, at one of its ports; or pods by their labels. */
export type Destination =
  | { readonly namespace: string; readonly service: string; readonly port: number }
  | { readonly namespace: string; readonly labels: Readonly<Record<string, string>>; readonly port: number };

export interface ForwardedRequest {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly signal?: AbortSignal;
}

/** Until the answer begins; what streams may go on for longer. */
const ANSWER_TIMEOUT_MS = 60_000;

/** Sends HTTP requests into the cluster, each through a tunnel of its own. */
export class Forward {
  readonly #api: KubeApi;
  readonly #destination: Destination;
  #end: Promise<TunnelEnd> | undefined;

  constructor(api: KubeApi, destination: Destination) {
    this.#api = api;
    this.#destination = destination;
  }

  /** @throws ClusterError when nothing is there to answer, or does not */
  async request({ method = 'GET', path, headers, body, signal }: ForwardedRequest): Promise<IncomingMessage> {
    const end = await this.#find();
    const stream = await openTunnel(this.#api.connection, end);
    const stop = (): void => void stream.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(
        () => stream.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1_000} s`)),
        ANSWER_TIMEOUT_MS,
      );
      const fail = (error: Error): void => {
        clearTimeout(overdue);
        reject(error instanceof ClusterError ? error : unanswered(end, error));
      };
      // A stream that ended before it was used tells a request nothing.
      stream.once('error', fail);
      if (stream.errored) {
        fail(stream.errored);
        return;
      }
      request({
        method,
        path,
        headers: { host: 'localhost', ...headers, connection: 'close' },
        createConnection: () => stream,
      })
        .on('response', (response) => {
          clearTimeout(overdue);
          response.once('close', stop);
          resolve(response);
        })
        .on('error', fail)
        .end(body);
    });
  }

  #find(): Promise<TunnelEnd> {
    this.#end ??= endOf(this.#api, this.#destination);
    return this.#end;
  }
}

function unanswered({ namespace, pod, port }: TunnelEnd, error: unknown): ClusterError {
  return new ClusterError(`port ${port} of pod ${namespace}/${pod} did not answer: ${messageOf(error)}`, {
    cause: error,
  });
}

async function endOf(api: KubeApi, destination: Destination): Promise<TunnelEnd> {
  const { namespace, port } = destination;
  if ('labels' in destination) {
    const { labels } = destination;
    return { namespace, pod: (await readyPod(api, namespace, labels)).metadata.name, port };
  }
  const { service: name } = destination;
  const service = await api.get<KubeService>(KINDS.services, namespace, name);
  if (!service?.spec.selector) throw new ClusterError(`there is no Service "${name}" in namespace "${namespace}"`);
  const pod = await readyPod(api, namespace, service.spec.selector);
  const target = service.spec.ports?.find((candidate) => candidate.port === port)?.targetPort ?? port;
  return { namespace, pod: pod.metadata.name, port: portOf(pod, target) };
}

/** A port that a Service knows by name is one of the pod's. */
function portOf(pod: Pod, target: number | string): number {
  if (typeof target === 'number') return target;
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
  const named = ports.find(({ name }) => name === target);
  if (named) return named.containerPort;
  throw new ClusterError(`pod ${pod.metadata.name} has no port named "${target}"`);
}

async function readyPod(api: KubeApi, namespace: string, labels: Readonly<Record<string, string>>): Promise<Pod> {
  const selector = selectorOf(labels);
  const pods = await api.list<Pod>(KINDS.pods, namespace, selector);
  const ready = pods.find(isReadyPod);
  if (ready) return ready;
  const troubles = pods.map((pod) => `${pod.metadata.name}: ${troubleOf(pod) ?? pod.status?.phase ?? 'unknown'}`);
  throw new ClusterError(
    `no pod with ${selector} is ready in namespace "${namespace}" (${troubles.join('; ') || 'there is none'})`,
  );
}
