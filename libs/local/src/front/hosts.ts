const SERVICE_HOST = /^([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)(?:\.([a-z0-9-]+))?\.localhost$/;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What a Host header asks for. */
export type HostTarget =
  { readonly kind: 'platform' } | { readonly kind: 'service'; readonly name: string } | { readonly kind: 'stranger' };

/**
 * A host with a service's name reaches that service, as in the cluster; the loopback names reach the platform.
 * Any other name is refused: a web page whose name was made to resolve to this machine must reach nothing.
 */
export function targetOf(host: string | undefined): HostTarget {
  const name = (host ?? '').toLowerCase().replace(/:\d+$/, '');
  if (LOOPBACK.has(name)) return { kind: 'platform' };
  const service = SERVICE_HOST.exec(name)?.[1];
  return service === undefined ? { kind: 'stranger' } : { kind: 'service', name: service };
}
