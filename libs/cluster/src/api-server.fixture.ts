import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { WebSocketServer, type WebSocket } from 'ws';
import { reconcile } from './controller.fixture.ts';

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    resourceVersion?: string;
    generation?: number;
  };
  [field: string]: unknown;
}

/** A request, in the words of a Role. */
export interface Call {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name?: string;
}

const TOKEN = 'a-token';
const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/v1(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[a-z]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>[a-z]+))?$/;

/** The parts of a Kubernetes API server that a client meets: resources, refusals, port-forward by WebSocket. */
export class ApiServer {
  /** What was asked for. */
  readonly calls: Call[] = [];
  /** `list services.serving.knative.dev` → refused with 403. */
  readonly forbidden = new Set<string>();
  /** Groups that are not installed. */
  readonly missing = new Set<string>();
  /** Called after a resource was changed, as its controller would be. */
  onChange: (resource: Resource) => void = reconcile;
  /** No request is answered. */
  isSilent = false;
  readonly #resources: Resource[] = [];
  readonly #forwards = new Map<string, number>();
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('v4.channel.k8s.io') ? 'v4.channel.k8s.io' : false),
  });
  readonly #folder = mkdtempSync(join(tmpdir(), 'ebb-kube-'));

  private constructor() {
    this.#server = createServer((req, res) => void this.#answer(req, res));
    this.#server.on('upgrade', (req, socket, head) => {
      const refusal = this.#refusalOf(req, this.#callOf(req));
      const { pathname, searchParams } = new URL(req.url ?? '/', 'http://api');
      const { groups: { namespace = '', name = '' } = {} } = PATH.exec(pathname) ?? {};
      if (refusal) {
        const body = JSON.stringify(refusal.body);
        socket.end(
          `HTTP/1.1 ${refusal.status} Refused\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
        );
        return;
      }
      this.#sockets.handleUpgrade(req, socket, head, (ws) => {
        this.#forward(ws, `${namespace}/${name}`, Number(searchParams.get('ports')));
      });
    });
  }

  static async start(): Promise<ApiServer> {
    const server = new ApiServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  add(...resources: readonly object[]): this {
    this.#resources.push(...(resources as Resource[]));
    return this;
  }

  remove(kind: string, name: string): void {
    const at = this.#resources.findIndex((one) => one.kind === kind && one.metadata.name === name);
    if (at >= 0) this.#resources.splice(at, 1);
  }

  find(kind: string, name: string): Resource | undefined {
    return this.#resources.find((one) => one.kind === kind && one.metadata.name === name && one.apiVersion !== 'v1');
  }

  /** What listens on a port of a pod. */
  forwardTo(pod: string, port: number, local: number | undefined): void {
    if (local === undefined) this.#forwards.delete(`${pod}:${port}`);
    else this.#forwards.set(`${pod}:${port}`, local);
  }

  /** The environment of a client with a kubeconfig for this server. */
  environment(
    changes: { readonly token?: string; readonly file?: string; readonly server?: string } = {},
  ): Record<string, string> {
    const file = join(this.#folder, 'config');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'kind-ebb',
      clusters: [{ name: 'ebb', cluster: { server: changes.server ?? this.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'me', user: { token: changes.token ?? TOKEN } }],
      contexts: [
        { name: 'kind-ebb', context: { cluster: 'ebb', user: 'me' } },
        { name: 'half', context: { cluster: 'gone', user: 'me' } },
      ],
    };
    writeFileSync(file, changes.file ?? JSON.stringify(config));
    return { KUBECONFIG: file };
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (this.isSilent) return;
    const call = this.#callOf(req);
    const refusal = this.#refusalOf(req, call);
    const body = req.method === 'GET' ? undefined : ((await json(req)) as Resource);
    const { status, body: document } = refusal ?? this.#serve(req, call, body);
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  }

  #callOf({ url = '/', method, headers }: IncomingMessage): Call {
    const { pathname } = new URL(url, 'http://api');
    const { groups: { group = '', namespace = '', plural = '', name, sub } = {} } = PATH.exec(pathname) ?? {};
    const verbs: Record<string, string> = { PATCH: 'patch', POST: 'create', GET: name === undefined ? 'list' : 'get' };
    const call = {
      verb: verbs[method ?? ''] ?? '?',
      group,
      resource: sub === undefined ? plural : `${plural}/${sub}`,
      namespace,
      ...(name !== undefined && { name }),
    };
    this.calls.push(call);
    // Since 1.35 an upgrade wants the right to create as well.
    if (headers.upgrade !== undefined) this.calls.push({ ...call, verb: 'create' });
    return call;
  }

  #refusalOf({ headers }: IncomingMessage, { verb, group, resource }: Call) {
    if (headers.authorization !== `Bearer ${TOKEN}`) return failure(401, 'Unauthorized');
    const name = group === '' ? resource : `${resource}.${group}`;
    if (this.forbidden.has(`${verb} ${name}`)) return failure(403, `User "me" cannot ${verb} resource "${resource}"`);
    return this.missing.has(group) ? failure(404, '404 page not found') : undefined;
  }

  #serve(req: IncomingMessage, { verb, group, resource: plural, namespace, name }: Call, body: Resource | undefined) {
    const prefix = group === '' ? 'v1' : `${group}/`;
    const ofKind = this.#resources.filter(
      ({ apiVersion, kind, metadata }) =>
        (group === '' ? apiVersion === prefix : apiVersion.startsWith(prefix)) &&
        `${kind.toLowerCase()}s` === plural &&
        (namespace === '' || metadata.namespace === namespace),
    );
    if (verb === 'list') return { status: 200, body: { items: selected(ofKind, req), metadata: {} } };
    const found = ofKind.find(({ metadata }) => metadata.name === (name ?? body?.metadata.name));
    if (verb === 'create') {
      if (found) return failure(409, 'it exists');
      if (body) this.add({ ...body, metadata: { ...body.metadata, ...(namespace !== '' && { namespace }) } });
      return { status: 201, body };
    }
    if (!found) return failure(404, `${plural} "${name ?? ''}" not found`);
    if (verb === 'patch' && body) {
      const expected = body.metadata.resourceVersion;
      if (expected !== undefined && expected !== found.metadata.resourceVersion)
        return failure(409, 'the object has been modified; please apply your changes to the latest version');
      Object.assign(found, { spec: body.spec });
      found.metadata.generation = (found.metadata.generation ?? 0) + 1;
      found.metadata.resourceVersion = String(Number(found.metadata.resourceVersion ?? '0') + 1);
      // A copy is answered: the controller comes later.
      const answer = JSON.parse(JSON.stringify(found)) as Resource;
      this.onChange(found);
      return { status: 200, body: answer };
    }
    return { status: 200, body: found };
  }

  #forward(ws: WebSocket, pod: string, port: number): void {
    const prefix = (channel: number): Buffer => Buffer.from([channel, port & 0xff, port >> 8]);
    ws.send(prefix(0));
    ws.send(prefix(1));
    const local = this.#forwards.get(`${pod}:${port}`);
    if (local === undefined) {
      ws.send(Buffer.concat([Buffer.of(1), Buffer.from('connect: connection refused')]), () => ws.close());
      return;
    }
    const socket = connect(local, '127.0.0.1');
    socket.on('data', (chunk) => ws.send(Buffer.concat([Buffer.of(0), chunk])));
    socket.on('close', () => ws.close()).on('error', () => ws.close());
    ws.on('message', (message: Buffer) => void socket.write(message.subarray(1)));
    ws.on('close', () => socket.destroy());
  }
}

function selected(resources: readonly Resource[], req: IncomingMessage): readonly Resource[] {
  const selector = new URL(req.url ?? '/', 'http://api').searchParams.get('labelSelector') ?? '';
  const terms = selector.split(',').filter((term) => term !== '');
  return resources.filter(({ metadata: { labels = {} } }) => terms.every((term) => fits(labels, term)));
}

/** `name=value`, or `!name` for what has no such label. */
function fits(labels: Readonly<Record<string, string>>, term: string): boolean {
  if (term.startsWith('!')) return !(term.slice(1) in labels);
  const [name = '', value] = term.split('=');
  return labels[name] === value;
}

function failure(code: number, message: string) {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code } };
}
