import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { continueEvent, parseTraceparent, traceparentOf } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const OTHER_TRACE = '11111111111111111111111111111111';
const SPAN = 'b7ad6b7169203331';
const OTHER_SPAN = '00f067aa0ba902b7';

const hex = (length: number) =>
  fc
    .array(
      fc.nat(15).map((digit) => digit.toString(16)),
      { minLength: length, maxLength: length },
    )
    .map((digits) => digits.join(''))
    .filter((text) => !/^0+$/.test(text));

describe('parseTraceparent', () => {
  it('reads what traceparentOf writes', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.constantFrom(0, 1), (traceId, spanId, traceFlags) => {
        const context = { traceId, spanId, traceFlags };
        expect(parseTraceparent(traceparentOf(context))).toEqual({ ...context, isRemote: true });
      }),
    );
  });

  it('keeps of the flags only whether the trace is sampled', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-03`)?.traceFlags).toBe(1);
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-fe`)?.traceFlags).toBe(0);
  });

  it.each([
    ['nothing', undefined],
    ['empty', ''],
    ['an upper-case trace id', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a zero trace id', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a zero span id', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more fields in version 00', `00-${TRACE}-${SPAN}-01-more`],
    ['a newer version with text that is no field', `01-${TRACE}-${SPAN}-01more`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['space around it', ` 00-${TRACE}-${SPAN}-01 `],
    ['two values joined', `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`],
    ['a newline at the end', `00-${TRACE}-${SPAN}-01\n`],
  ])('refuses %s', (_name, value) => {
    expect(parseTraceparent(value)).toBeUndefined();
  });

  it('accepts a newer version and ignores what it adds', () => {
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-brings`)?.spanId).toBe(SPAN);
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01`)?.spanId).toBe(SPAN);
  });

  it('gives a valid context or nothing, whatever comes', () => {
    const wild = fc.oneof(
      fc.string(),
      fc.tuple(hex(2), hex(32), hex(16), hex(2), fc.string()).map(([v, t, s, f, rest]) => `${v}-${t}-${s}-${f}${rest}`),
    );
    fc.assert(
      fc.property(wild, fc.option(fc.string(), { nil: undefined }), (value, state) => {
        const context = parseTraceparent(value, state);
        if (!context) return;
        expect(context.traceId).toMatch(/^(?!0+$)[\da-f]{32}$/);
        expect(context.spanId).toMatch(/^(?!0+$)[\da-f]{16}$/);
        expect(parseTraceparent(traceparentOf(context))?.traceId).toBe(context.traceId);
      }),
    );
  });
});

describe('tracestate', () => {
  const stateOf = (tracestate: string) =>
    parseTraceparent(`00-${TRACE}-${SPAN}-01`, tracestate)?.traceState?.serialize();

  it.each([
    ['rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'],
    ['a=1 , \tb=2,,', 'a=1,b=2'],
    ['fw529a3039@dt=FfAxxQ', 'fw529a3039@dt=FfAxxQ'],
    ['a= leading space', 'a= leading space'],
  ])('keeps %j', (given, kept) => {
    expect(stateOf(given)).toBe(kept);
  });

  it.each([
    ['', 'nothing'],
    ['a', 'no value'],
    ['a=', 'an empty value'],
    ['A=1', 'an upper-case key'],
    ['a=1=2', 'an equals sign in a value'],
    ['a=1,a=2', 'the same key twice'],
    ['a=ü', 'text that is not ASCII'],
    ['1a=1', 'a key that begins with a digit and names no system'],
    [Array.from({ length: 33 }, (_, n) => `k${n}=1`).join(','), '33 members'],
  ])('drops %j: %s', (given) => {
    expect(stateOf(given)).toBeUndefined();
  });

  it('never costs the traceparent', () => {
    fc.assert(
      fc.property(fc.string(), (tracestate) => {
        expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`, tracestate)?.spanId).toBe(SPAN);
      }),
    );
  });
});

describe('continueEvent', () => {
  const attribute = `00-${TRACE}-${SPAN}-01`;

  it('has the header as parent when it belongs to the trace of the event', () => {
    const { parent, links } = continueEvent(attribute, `00-${TRACE}-${OTHER_SPAN}-01`);
    expect(parent).toMatchObject({ traceId: TRACE, spanId: OTHER_SPAN });
    expect(links).toEqual([]);
  });

  it('continues the event and only links a header of another trace', () => {
    const { parent, links } = continueEvent(attribute, `00-${OTHER_TRACE}-${OTHER_SPAN}-01`);
    expect(parent).toMatchObject({ traceId: TRACE, spanId: SPAN });
    expect(links).toMatchObject([{ context: { traceId: OTHER_TRACE, spanId: OTHER_SPAN } }]);
  });

  it('only links a header that comes without an attribute: it may be that of another event', () => {
    const { parent, links } = continueEvent(undefined, `00-${OTHER_TRACE}-${OTHER_SPAN}-01`);
    expect(parent).toBeUndefined();
    expect(links).toHaveLength(1);
  });

  it.each([undefined, 'nonsense'])('continues the attribute when the header is %j', (header) => {
    expect(continueEvent(attribute, header)).toMatchObject({ parent: { traceId: TRACE, spanId: SPAN }, links: [] });
  });

  it('starts anew when neither holds', () => {
    expect(continueEvent('nonsense', undefined)).toEqual({ links: [] });
  });

  it('carries the tracestate of the event to whichever parent it takes', () => {
    const { parent } = continueEvent(attribute, `00-${TRACE}-${OTHER_SPAN}-01`, 'vendor=1');
    expect(parent?.traceState?.serialize()).toBe('vendor=1');
  });
});
