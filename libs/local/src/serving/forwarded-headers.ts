/** Belongs to one connection, never to the next (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Said by the proxy itself, or (`expect`) answered by it. */
const OWN = new Set(['expect', 'k-proxy-request', 'x-forwarded-for', 'x-forwarded-proto', 'forwarded']);

const OWN_TO_WORKER = new Set([...OWN, 'x-forwarded-host']);

export interface ForwardOptions {
  /** Address of the client; absent when this process itself asks. */
  readonly client?: string | undefined;
  /** Replaces the request's own `traceparent`. */
  readonly traceparent?: string | undefined;
  /** Keeps the connection's upgrade. */
  readonly isUpgrade?: boolean;
  /** What it goes to: a service is behind Knative's activator, a worker behind an ingress, which says the host that was asked for. */
  readonly to?: 'service' | 'worker';
}

/**
 * The headers of a request as the activator sends them on.
 * @param raw names and values in turn, as in `IncomingMessage.rawHeaders`; so is the result
 */
export function forwardedHeaders(raw: readonly string[], options: ForwardOptions): string[] {
  const seen = new Map<string, string>();
  for (const [name, value] of pairs(raw)) {
    const before = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  const dropped = droppedNames(seen.get('connection'));
  const own = options.to === 'worker' ? OWN_TO_WORKER : OWN;
  const result: string[] = [];
  for (const [name, value] of pairs(raw)) {
    const lower = name.toLowerCase();
    if (dropped.has(lower) || own.has(lower) || (lower === 'traceparent' && options.traceparent)) continue;
    result.push(name, value);
  }
  if (seen.has('transfer-encoding')) result.push('Transfer-Encoding', 'chunked');
  if (options.isUpgrade) result.push('Connection', 'Upgrade', 'Upgrade', seen.get('upgrade') ?? '');
  if (options.traceparent) result.push('traceparent', options.traceparent);
  result.push(...originHeaders(seen, options.client));
  if (options.to === 'worker') result.push('X-Forwarded-Host', seen.get('host') ?? '');
  else result.push('K-Proxy-Request', 'activator');
  return result;
}

/** The headers of an answer as they go to the client; `raw` as in `IncomingMessage.rawHeaders`. */
export function answeredHeaders(raw: readonly string[]): string[] {
  const connection = [...pairs(raw)].find(([name]) => name.toLowerCase() === 'connection')?.[1];
  const dropped = droppedNames(connection);
  const result: string[] = [];
  for (const [name, value] of pairs(raw)) {
    if (!dropped.has(name.toLowerCase())) result.push(name, value);
  }
  return result;
}

function originHeaders(seen: ReadonlyMap<string, string>, client: string | undefined): string[] {
  const hops = [seen.get('x-forwarded-for'), client].filter((hop) => hop !== undefined).join(', ');
  const proto = seen.get('x-forwarded-proto') ?? 'http';
  const forwarded = seen.get('forwarded') ?? forwardedValue(hops, proto, seen.get('x-forwarded-host'));
  const result = hops === '' ? [] : ['X-Forwarded-For', hops];
  result.push('X-Forwarded-Proto', proto);
  if (forwarded !== '') result.push('Forwarded', forwarded);
  return result;
}

/** `Forwarded` (RFC 7239) from the older headers, as queue-proxy makes it when the client sent none. */
function forwardedValue(hops: string, proto: string, host: string | undefined): string {
  const [first, ...others] = hops === '' ? [] : hops.split(',').map((hop) => `for=${quoted(hop.trim())}`);
  const origin = [first, host && `host=${quoted(host)}`, `proto=${proto}`].filter(Boolean).join(';');
  return [origin, ...others].join(', ');
}

function quoted(value: string): string {
  if (value.includes(':') && !value.startsWith('[') && /^[\da-f:.]+$/i.test(value)) return `"[${value}]"`;
  return /^[\w.-]+$/.test(value) ? value : `"${value.replaceAll('"', '')}"`;
}

function droppedNames(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || /^(keep-alive|close|upgrade)$/i.test(connection)) return HOP_BY_HOP;
  return new Set([...HOP_BY_HOP, ...connection.toLowerCase().split(/\s*,\s*/)]);
}

function* pairs(raw: readonly string[]): Iterable<readonly [string, string]> {
  for (let at = 0; at + 1 < raw.length; at += 2) yield [raw[at] ?? '', raw[at + 1] ?? ''];
}
