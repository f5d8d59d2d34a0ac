import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The other side of steps: remembers which keys it was given, under `/<customer>/<what>/<key>`. */
export interface Agency {
  url(customer: string): string;
  /** What it did for a customer: of each kind, how many times. A key that comes again is the same booking. */
  effects(customer: string): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export async function openAgency(): Promise<Agency> {
  const bookings = new Map<string, Map<string, Set<string>>>();
  const keysOf = (customer: string, what: string): Set<string> => {
    const ofCustomer = bookings.get(customer) ?? new Map<string, Set<string>>();
    bookings.set(customer, ofCustomer);
    const keys = ofCustomer.get(what) ?? new Set<string>();
    ofCustomer.set(what, keys);
    return keys;
  };
  const server = createServer((request, response) => {
    const [, customer = '', what = '', key = ''] = (request.url ?? '').split('/');
    const keys = keysOf(customer, what);
    if (request.method === 'PUT') keys.add(key);
    response.writeHead(keys.has(key) ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    url: (customer) => `http://127.0.0.1:${port}/${customer}`,
    effects: (customer) =>
      Object.fromEntries([...(bookings.get(customer) ?? [])].map(([what, keys]) => [what, keys.size])),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
