import { describe, expect, it } from '@jest/globals';
import { answeredHeaders, forwardedHeaders, type ForwardOptions } from './forwarded-headers.ts';

function forwarded(headers: readonly (readonly [string, string])[], options: ForwardOptions = {}) {
  const raw = forwardedHeaders(headers.flat(), options);
  return Object.fromEntries(raw.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1]]] : [])));
}

describe('forwardedHeaders', () => {
  it.each([
    [{}, [], 'proto=http'],
    [{ client: '10.1.2.3' }, [], 'for=10.1.2.3;proto=http'],
    [{ client: '::1' }, [], 'for="[::1]";proto=http'],
    [{ client: '10.1.2.3' }, [['X-Forwarded-Proto', 'https']], 'for=10.1.2.3;proto=https'],
    [{ client: '10.1.2.3' }, [['X-Forwarded-Host', 'a.example']], 'for=10.1.2.3;host=a.example;proto=http'],
    [{ client: '10.1.2.3' }, [['X-Forwarded-For', '1.1.1.1']], 'for=1.1.1.1;proto=http, for=10.1.2.3'],
    [{ client: '10.1.2.3' }, [['Forwarded', 'for=secret']], 'for=secret'],
  ] as const)('says where a request came from: %j %j', (options, headers, expected) => {
    expect(forwarded(headers, options).forwarded).toBe(expected);
  });

  it('drops what belongs to the connection, and what the proxy says itself', () => {
    const seen = forwarded([
      ['Connection', 'keep-alive, X-Private'],
      ['X-Private', '1'],
      ['Keep-Alive', 'timeout=5'],
      ['Expect', '100-continue'],
      ['K-Proxy-Request', 'somebody else'],
      ['Knative-Serving-Tag', 'kept'],
    ]);
    expect(seen).toEqual({
      ...{ 'knative-serving-tag': 'kept', 'k-proxy-request': 'activator' },
      ...{ 'x-forwarded-proto': 'http', forwarded: 'proto=http' },
    });
  });

  it('tells a worker which host was asked for, whatever the client says of it', () => {
    const headers = [
      ['Host', 'door.localhost'],
      ['X-Forwarded-Host', 'elsewhere.example'],
    ] as const;
    const seen = forwarded(headers, { to: 'worker' });
    expect(seen).toMatchObject({ host: 'door.localhost', 'x-forwarded-host': 'door.localhost' });
    expect(seen).not.toHaveProperty('k-proxy-request');
    expect(forwarded(headers)).toMatchObject({ 'x-forwarded-host': 'elsewhere.example' });
  });

  it('keeps a chunked body chunked', () => {
    expect(forwarded([['Transfer-Encoding', 'chunked']])).toMatchObject({ 'transfer-encoding': 'chunked' });
  });

  it("replaces the traceparent only with a wait's own", () => {
    expect(forwarded([['traceparent', 'a']])).toMatchObject({ traceparent: 'a' });
    expect(forwarded([['Traceparent', 'a']], { traceparent: 'b' })).toMatchObject({ traceparent: 'b' });
  });
});

describe('answeredHeaders', () => {
  it('keeps several values of one name, and drops what belongs to the connection', () => {
    const raw = ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Connection', 'close', 'Transfer-Encoding', 'chunked'];
    expect(answeredHeaders(raw)).toEqual(['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
  });
});
