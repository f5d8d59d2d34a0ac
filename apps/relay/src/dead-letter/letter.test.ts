import { describe, expect, it } from '@jest/globals';
import { thing } from '../relay.fixture.ts';
import { destinationOf, letterOf } from './letter.ts';

describe('the address of dead letters', () => {
  it('says whose they are', () => {
    expect(destinationOf('/dead-letters/payment_provider/payment-provider/send-webhook')).toEqual({
      schema: 'payment_provider',
      service: 'payment-provider',
      fn: 'send-webhook',
    });
  });

  it.each([
    '/',
    '/dead-letters/a/b',
    '/dead-letters/a/b/c/d',
    '/dead-letters/A/b/c',
    '/dead-letters/a;drop/b/c',
    '/x/a/b/c',
  ])('cannot be %s', (path) => expect(destinationOf(path)).toBeUndefined());
});

describe('a dead letter', () => {
  const destination = { schema: 'shop', service: 'shop', fn: 'sell' };
  const traceId = '0af7651916cd43dd8448eb211c80319c';

  it('is the event as it was published, and apart from it what became of its delivery', () => {
    const event = thing('k', 1, { traceparent: `00-${traceId}-b7ad6b7169203331-01`, ebbtarget: 'shop/sell' });
    const failure = {
      knativeerrordest: 'http://shop.ebb.svc.cluster.local/functions/sell',
      knativeerrorcode: '503',
      knativekafkaoffset: '42',
      ebbfunction: 'sell',
      ebbreason: 'database',
    };
    const letter = letterOf(destination, { event: { ...event, ...failure }, payload: undefined });
    expect(letter).toEqual({
      service: 'shop',
      fn: 'sell',
      event: { event, payload: undefined },
      error: '503 from http://shop.ebb.svc.cluster.local/functions/sell (database)',
      headers: failure,
      traceId,
    });
  });
});
