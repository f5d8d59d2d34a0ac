import { describe, expect, it } from '@jest/globals';
import type { CatalogueEntry } from '@ebb/catalogue';
import { errorOfLetter } from '@ebb/knative';
import { failedFunction } from './failed-function.ts';

const orders = { name: 'orders', functions: [{ name: 'confirm' }] } as unknown as CatalogueEntry;

describe('the function of a dead letter', () => {
  it.each([
    ['http://orders.default.svc.cluster.local/functions/confirm', true],
    ['http://orders.shop.svc.cluster.local/functions/confirm', true],
    ['http://orders.default.svc.cluster.local/functions/other', false],
    ['http://orders.default.svc.cluster.local/schedules/confirm', false],
    ['http://elsewhere.example/functions/confirm', false],
    ['not a url', false],
    [undefined, false],
  ])('is read from its destination: %s', (url, isKnown) => {
    expect(failedFunction(url, [orders])).toEqual(isKnown ? { entry: orders, fn: 'confirm' } : undefined);
  });
});

describe('the error of a dead letter', () => {
  it.each([
    [{ knativeerrordest: 'http://x/' }, 'no answer from http://x/'],
    [
      {
        knativeerrordest: 'http://x/',
        knativeerrorcode: '503',
        knativeerrordata: Buffer.from('broken').toString('base64'),
      },
      '503 from http://x/\nbroken',
    ],
    [
      { knativeerrordest: 'http://x/', knativeerrorcode: '503', ebbreason: 'database', ebbdetail: 'gone' },
      '503 from http://x/ (database: gone)',
    ],
    [
      {
        knativeerrordest: 'http://x/',
        knativeerrorcode: '500',
        knativeerrordata: Buffer.from([0, 1]).toString('base64'),
      },
      '500 from http://x/',
    ],
    [{ ebberror: 'out of memory' }, 'the runtime could not deliver it: out of memory'],
  ] as [Record<string, string>, string][])('says what was answered: %j', (attributes, text) => {
    expect(errorOfLetter(attributes)).toBe(text);
  });
});
