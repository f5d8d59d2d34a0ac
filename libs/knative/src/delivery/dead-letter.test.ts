import { describe, expect, it } from '@jest/globals';
import { deadLetterAttributes } from './dead-letter.ts';
import { kneHeaders } from './kne-headers.ts';

const url = 'http://orders.default.svc.cluster.local/functions/f';

describe('a dead letter', () => {
  it('says where it went and what was answered', () => {
    expect(deadLetterAttributes({ url, status: 500, body: Buffer.from('broken') })).toEqual({
      knativeerrordest: url,
      knativeerrorcode: '500',
      knativeerrordata: Buffer.from('broken').toString('base64'),
    });
  });

  it('has no data where the answer had none', () => {
    expect(deadLetterAttributes({ url, status: 400, body: Buffer.alloc(0) })).toEqual({
      knativeerrordest: url,
      knativeerrorcode: '400',
    });
  });

  it('names the destination alone where there was no answer', () => {
    expect(deadLetterAttributes({ url, headers: { 'kne-x': '1' } })).toEqual({ knativeerrordest: url });
  });

  it('cuts the raw bytes, not their encoding, even within a character', () => {
    const body = Buffer.from('é'.repeat(1_000));
    const { knativeerrordata = '' } = deadLetterAttributes({ url, status: 500, body });
    expect(Buffer.from(knativeerrordata, 'base64')).toEqual(body.subarray(0, 1_024));
  });

  it('takes kne- headers as extensions, which cannot replace its own', () => {
    const headers = { 'kne-reason': 'stock', 'kne-knativeerrorcode': '1', 'x-other': '1', 'kne-a-b': '2' };
    expect(deadLetterAttributes({ url, status: 500, headers })).toEqual({
      reason: 'stock',
      knativeerrordest: url,
      knativeerrorcode: '500',
    });
  });
});

describe('kne- headers', () => {
  it.each(['kne-a-b', 'kne-', 'kne-a_b', 'kne-id', 'kne-type', 'kne-data', 'kne-ü'])(
    '%s poisons the Trigger',
    (header) => {
      expect(kneHeaders({ [header]: 'x' })).toEqual({ extensions: {}, poisonous: [header] });
    },
  );

  it('that are legal become extensions', () => {
    expect(kneHeaders({ 'kne-reason': 'x', 'kne-2': 'y', kne: 'z' })).toEqual({
      extensions: { reason: 'x', 2: 'y' },
      poisonous: [],
    });
  });
});
