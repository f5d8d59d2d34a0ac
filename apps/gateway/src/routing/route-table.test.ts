import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { NO_ROUTE, type GatewayRoute } from './gateway-route.ts';
import { RouteTable } from './route-table.ts';

function route(method: string, path: string, service = 'users', prefix = false): GatewayRoute {
  const upstream = { name: service, service, url: `http://${service}` };
  return { ...NO_ROUTE, id: `${method} ${path}`, methods: [method], path, prefix, upstream };
}

function tableOf(...routes: GatewayRoute[]): RouteTable {
  return new RouteTable({ routes, issuers: [] });
}

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

function find(table: RouteTable, method: string, path: string): string | readonly string[] {
  const match = table.match(method, segmentsOf(path));
  if (match.kind === 'found') return match.route.id;
  return match.kind === 'none' ? 'none' : match.allowed;
}

describe('the route table', () => {
  it('finds the most exact route, segment by segment', () => {
    const table = tableOf(
      route('GET', '/users/me'),
      route('GET', '/users/:id'),
      route('DELETE', '/users/:id'),
      route('GET', '/users/:id/orders/last'),
      route('GET', '/', 'files', true),
      route('GET', '/users/:id/files', 'files', true),
    );
    expect(find(table, 'GET', '/users/me')).toBe('GET /users/me');
    expect(find(table, 'GET', '/users/1')).toBe('GET /users/:id');
    expect(find(table, 'DELETE', '/users/me')).toBe('DELETE /users/:id');
    expect(find(table, 'GET', '/users/me/orders/last')).toBe('GET /users/:id/orders/last');
    expect(find(table, 'GET', '/users/me/files/a/b')).toBe('GET /users/:id/files');
    expect(find(table, 'GET', '/users/me/other')).toBe('GET /');
    expect(find(table, 'GET', '/')).toBe('GET /');
  });

  it('gives parameters their names', () => {
    const table = tableOf(route('GET', '/users/:userId/orders/:orderId'));
    expect(table.match('GET', ['users', 'a b', 'orders', '__proto__'])).toMatchObject({
      params: { userId: 'a b', orderId: '__proto__' },
    });
  });

  it('answers HEAD where GET is, and says which methods there are', () => {
    const table = tableOf(route('GET', '/users/:id'), route('PUT', '/users/me'));
    expect(find(table, 'HEAD', '/users/1')).toBe('GET /users/:id');
    expect(find(table, 'POST', '/users/me')).toEqual(['GET', 'HEAD', 'OPTIONS', 'PUT']);
    expect(find(table, 'POST', '/orders')).toBe('none');
  });

  it('names what several want, and serves the rest', () => {
    const table = tableOf(
      route('GET', '/things/:id', 'a'),
      route('GET', '/things/:thingId', 'b'),
      route('PUT', '/things/:id', 'b'),
    );
    expect(table.conflicts).toEqual([{ method: 'GET', path: '/things/:id', claimants: ['a', 'b'] }]);
    expect(find(table, 'GET', '/things/1')).toEqual(['OPTIONS', 'PUT']);
    expect(find(table, 'PUT', '/things/1')).toBe('PUT /things/:id');
  });

  it('finds what a search through all patterns finds', () => {
    const segment = fc.constantFrom('a', 'b', ':x');
    const paths = fc.uniqueArray(fc.array(segment, { maxLength: 4 }), {
      maxLength: 12,
      selector: (path) => path.join('/'),
    });
    fc.assert(
      fc.property(paths, fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 }), (patterns, path) => {
        const renamed = patterns.map((pattern) => pattern.map((each, at) => (each === ':x' ? `:x${at}` : each)));
        const table = tableOf(...renamed.map((pattern) => route('GET', `/${pattern.join('/')}`)));
        const fitting = renamed
          .filter((pattern) => pattern.length === path.length)
          .filter((pattern) => pattern.every((each, at) => each.startsWith(':') || each === path[at]))
          .sort((one, other) => rank(one).localeCompare(rank(other)));
        expect(find(table, 'GET', path.join('/'))).toBe(fitting[0] ? `GET /${fitting[0].join('/')}` : 'none');
      }),
    );
  });
});

/** Texts before parameters, from the left. */
const rank = (pattern: readonly string[]): string => pattern.map((each) => (each.startsWith(':') ? '1' : '0')).join('');
