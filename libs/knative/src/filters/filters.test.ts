import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CloudEvent } from '@ebb/events';
import type { SubscriptionFilter } from '../resources/resources.ts';
import { compileFilters } from './filters.ts';

const event = (attributes: Record<string, unknown> = {}): CloudEvent => ({
  specversion: '1.0',
  id: '1',
  source: '/svc/orders',
  type: 'order.placed',
  ...attributes,
});
const passes = (filters: readonly SubscriptionFilter[], attributes: Record<string, unknown> = {}): boolean =>
  compileFilters({ filters })(event(attributes));

describe('filters', () => {
  it.each<[SubscriptionFilter, Record<string, unknown>, boolean]>([
    [{ exact: { type: 'order.placed' } }, {}, true],
    [{ exact: { type: 'order' } }, {}, false],
    [{ exact: { type: 'order.placed', source: '/svc/orders' } }, {}, true],
    [{ exact: { type: 'order.placed', source: '/svc/other' } }, {}, false],
    [{ exact: { tenant: 'a' } }, {}, false],
    [{ exact: { tenant: 'a' } }, { tenant: 'a' }, true],
    [{ exact: { count: '3' } }, { count: 3 }, true],
    [{ prefix: { type: 'order.' } }, {}, true],
    [{ prefix: { type: 'Order.' } }, {}, false],
    [{ prefix: { subject: 'a' } }, {}, false],
    [{ suffix: { type: '.placed' } }, {}, true],
    [{ suffix: { subject: 'a' } }, {}, false],
    [{ not: { exact: { tenant: 'a' } } }, {}, true],
    [{ not: { prefix: { tenant: 'a' } } }, {}, true],
    [{ not: { suffix: { tenant: 'a' } } }, {}, true],
    [{ not: { exact: { type: 'order.placed' } } }, {}, false],
    [{ all: [{ prefix: { type: 'order' } }, { suffix: { type: 'placed' } }] }, {}, true],
    [{ all: [{ prefix: { type: 'order' } }, { suffix: { type: 'shipped' } }] }, {}, false],
    [{ any: [{ exact: { type: 'x' } }, { exact: { type: 'order.placed' } }] }, {}, true],
    [{ any: [{ exact: { type: 'x' } }, { exact: { type: 'y' } }] }, {}, false],
    [{}, {}, true],
    [{ exact: { data: 'secret' } }, { data: 'secret' }, false],
    [{ exact: { tostring: 'x' } }, {}, false],
  ])('%j over %j: %s', (filter, attributes, expected) => {
    expect(passes([filter], attributes)).toBe(expected);
  });

  it('are all to hold', () => {
    expect(passes([{ exact: { type: 'order.placed' } }, { exact: { source: '/svc/orders' } }])).toBe(true);
    expect(passes([{ exact: { type: 'order.placed' } }, { exact: { source: '/svc/other' } }])).toBe(false);
  });

  it('count instead of the older filter when there are any', () => {
    const filter = { attributes: { type: 'x' } };
    expect(compileFilters({ filter, filters: [{ exact: { type: 'order.placed' } }] })(event())).toBe(true);
    expect(compileFilters({ filter, filters: [] })(event())).toBe(false);
    expect(compileFilters({ filter })(event())).toBe(false);
    expect(compileFilters({})(event())).toBe(true);
  });

  it.each<[Record<string, string>, Record<string, unknown>, boolean]>([
    [{ foo: '' }, {}, true],
    [{ foo: '' }, { foo: 'bar' }, true],
    [{ foo: 'bar' }, {}, false],
    [{ foo: 'bar' }, { foo: 'bar' }, true],
    [{ foo: 'bar', type: 'order.placed' }, { foo: 'bar' }, true],
    [{}, {}, true],
  ])('of the older form: %j over %j: %s', (attributes, own, expected) => {
    expect(compileFilters({ filter: { attributes } })(event(own))).toBe(expected);
  });

  it.each<[unknown, string]>([
    [{ exact: { type: 'a' }, prefix: { type: 'a' } }, 'filters[0] has exact and prefix: one dialect per object'],
    [{ equals: { type: 'a' } }, 'filters[0] has the unknown dialect "equals"'],
    [{ exact: {} }, 'filters[0].exact names no attribute'],
    [{ exact: { type: '' } }, 'filters[0].exact.type must be a text that is not empty'],
    [{ exact: { type: 1 } }, 'filters[0].exact.type must be a text'],
    [{ exact: { 'Ce-Type': 'a' } }, '"Ce-Type" is no attribute name'],
    [{ exact: 'type' }, 'filters[0].exact must map attributes to texts'],
    [{ all: [] }, 'filters[0].all must be a list of at least one filter'],
    [{ any: { exact: { type: 'a' } } }, 'filters[0].any must be a list'],
    [{ any: [{ not: null }] }, 'filters[0].any[0].not must be an object'],
    [{ cesql: "type = 'a'" }, 'filters[0].cesql is not supported locally yet'],
    ['exact', 'filters[0] must be an object'],
    [nested(20), 'is nested deeper than 16 levels'],
  ])('%j is refused', (filter, message) => {
    const compiling = () => compileFilters({ filters: [filter as SubscriptionFilter] });
    expect(compiling).toThrow(expect.objectContaining({ code: 'EBB_MANIFEST' }));
    expect(compiling).toThrow(message);
  });

  it('of the older form may name attributes only', () => {
    expect(() => compileFilters({ filter: { attributes: { 'a-b': '1' } } })).toThrow('filter.attributes "a-b" is no');
  });
});

function nested(depth: number): SubscriptionFilter {
  return depth === 0 ? { exact: { type: 'a' } } : { not: nested(depth - 1) };
}

const name = fc.constantFrom('type', 'source', 'subject', 'tenant');
const text = fc.constantFrom('a', 'b', 'ab', 'ba', 'order.placed');
const { filter } = fc.letrec<{ filter: SubscriptionFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ exact: fc.dictionary(name, text, { minKeys: 1 }) }),
    fc.record({ prefix: fc.dictionary(name, text, { minKeys: 1 }) }),
    fc.record({ suffix: fc.dictionary(name, text, { minKeys: 1 }) }),
    fc.record({ not: tie('filter') }),
    fc.record({ all: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
  ),
}));
const attributes = fc.dictionary(name, text);

describe('the algebra of filters', () => {
  const equal = (one: SubscriptionFilter, other: SubscriptionFilter, own: Record<string, string>) =>
    expect(passes([one], own)).toBe(passes([other], own));

  it('knows De Morgan', () => {
    fc.assert(
      fc.property(filter, filter, attributes, (p, q, own) => {
        equal({ not: { all: [p, q] } }, { any: [{ not: p }, { not: q }] }, own);
        equal({ not: { any: [p, q] } }, { all: [{ not: p }, { not: q }] }, own);
      }),
    );
  });

  it('takes a double negation back', () => {
    fc.assert(fc.property(filter, attributes, (p, own) => equal({ not: { not: p } }, p, own)));
  });

  it('does not mind order, repetition or a filter that lets all through', () => {
    fc.assert(
      fc.property(filter, filter, attributes, (p, q, own) => {
        equal({ all: [p, q] }, { all: [q, p] }, own);
        equal({ any: [p, q] }, { any: [q, p] }, own);
        equal({ all: [p, p] }, p, own);
        equal({ any: [p, p] }, p, own);
        equal({ all: [p, {}] }, p, own);
        expect(passes([{ any: [p, {}] }], own)).toBe(true);
      }),
    );
  });

  it('reads a list as all of it, and several keys as each of them', () => {
    fc.assert(
      fc.property(filter, filter, attributes, (p, q, own) => {
        expect(passes([p, q], own)).toBe(passes([{ all: [p, q] }], own));
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(name, text, { minKeys: 1 }), attributes, (wanted, own) => {
        const apart = Object.entries(wanted).map(([key, value]) => ({ exact: { [key]: value } }));
        equal({ exact: wanted }, { all: apart }, own);
      }),
    );
  });

  it('lets exact pass only what prefix and suffix pass', () => {
    fc.assert(
      fc.property(name, text, attributes, (key, value, own) => {
        if (!passes([{ exact: { [key]: value } }], own)) return;
        expect(passes([{ prefix: { [key]: value } }, { suffix: { [key]: value } }], own)).toBe(true);
      }),
    );
  });
});
