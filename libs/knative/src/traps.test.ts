import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { CloudEvent } from '@ebb/events';
import type { Broker, DeliverySpec, Trigger } from './resources/resources.ts';
import { MAX_EVENT_BYTES, trapsOfEvent, trapsOfResponse, trapsOfTrigger, type TrapFinding } from './trap-findings.ts';
import { TRAPS } from './traps.ts';

const numbersOf = (findings: readonly TrapFinding[]): number[] => {
  for (const { trap } of findings) expect(TRAPS).toHaveProperty(String(trap));
  return findings.map(({ trap }) => trap);
};

describe('the traps', () => {
  it('have names of their own, in kebab case', () => {
    const names = Object.values(TRAPS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it('are the same in the code and in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = [...readme.matchAll(/^\| (\d+) +\| `([^`]+)` +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)].map((row) =>
      row.slice(1),
    );
    expect(rows).toEqual(
      Object.entries(TRAPS).map(([number, { name, what, cluster, remedy }]) => [number, name, what, cluster, remedy]),
    );
  });
});

describe('the traps of an answer', () => {
  const found = (status: number, headers: Record<string, string> = {}, body = '', isReplyPublished?: boolean) =>
    numbersOf(
      trapsOfResponse({
        status,
        headers,
        body: Buffer.from(body),
        ...(isReplyPublished !== undefined && { isReplyPublished }),
      }),
    );
  const CE = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/a', 'ce-type': 'b' };

  it('are none where it is 204 without a body, or a plain failure', () => {
    expect(found(204)).toEqual([]);
    expect(found(200)).toEqual([]);
    expect(found(500, { 'content-type': 'application/json' }, '{}')).toEqual([]);
    expect(found(303)).toEqual([]);
  });

  it.each<[string, number, Record<string, string>, string, number[]]>([
    ['a body that is no event', 200, { 'content-type': 'application/json' }, '{"ok":true}', [5]],
    ['a batch', 200, { 'content-type': 'application/cloudevents-batch+json' }, '[]', [5]],
    ['an event', 200, CE, '{}', [6]],
    ['a structured event', 202, { 'content-type': 'application/cloudevents+json' }, '{}', [6]],
    ['event headers on a 204', 204, CE, '', [6]],
    ['a legal kne- header', 503, { 'kne-reason': 'x' }, '', [15]],
    ['an illegal kne- header', 503, { 'kne-a-b': 'x' }, '', [16]],
    ['both kinds of kne- headers', 400, { 'kne-a-b': 'x', 'kne-reason': 'y' }, '', [15, 16]],
    ['kne- headers on a success', 204, { 'kne-a-b': 'x' }, '', []],
    ['a redirect', 303, { location: '/elsewhere' }, '', [20]],
    ['another redirect, which is not followed', 302, { location: '/elsewhere' }, '', []],
  ])('are found in %s', (_what, status, headers, body, expected) => {
    expect(found(status, headers, body)).toEqual(expected);
  });

  it('are found in a reply that was lost', () => {
    expect(found(200, CE, '{}', false)).toEqual([6, 13]);
    expect(found(200, CE, '{}', true)).toEqual([6]);
  });
});

describe('the traps of an event', () => {
  const event = { specversion: '1.0', id: '1', source: '/a', type: 'b' } as CloudEvent;
  const traced = { ...event, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

  it.each<[CloudEvent, 'binary' | 'structured', Buffer, number[]]>([
    [traced, 'binary', Buffer.from('ü'), []],
    [traced, 'structured', Buffer.from('u'), []],
    [traced, 'structured', Buffer.from('ü'), [21]],
    [event, 'binary', Buffer.alloc(0), [17]],
    [traced, 'binary', Buffer.alloc(MAX_EVENT_BYTES), []],
    [traced, 'binary', Buffer.alloc(MAX_EVENT_BYTES + 1), [18]],
  ])('are found (%#)', (published, mode, body, expected) => {
    expect(numbersOf(trapsOfEvent({ event: published, mode, body }))).toEqual(expected);
  });
});

describe('the traps of a Trigger', () => {
  const FULL: DeliverySpec = { retry: 1, backoffPolicy: 'linear', backoffDelay: 'PT1S' };
  const SINK = { uri: 'http://dead' };
  const trigger = (delivery?: DeliverySpec): Trigger => ({
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: { name: 't' },
    spec: { broker: 'b', subscriber: { uri: 'http://s' }, ...(delivery && { delivery }) },
  });
  const broker: Broker = {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: { name: 'b' },
    spec: { delivery: { ...FULL, deadLetterSink: SINK } },
  };

  it.each<[DeliverySpec | undefined, number[]]>([
    [undefined, []],
    [{ ...FULL, deadLetterSink: SINK }, []],
    [FULL, [9]],
    [{ timeout: 'PT5S' }, [9, 19]],
    [{ retry: 3, deadLetterSink: SINK }, [19]],
    [{ ...FULL, deadLetterSink: SINK, format: 'json' }, [7]],
  ])('with the delivery %j are %j', (delivery, expected) => {
    expect(numbersOf(trapsOfTrigger(trigger(delivery), broker))).toEqual(expected);
  });

  it('do not include a sink that its broker lacks, too', () => {
    expect(numbersOf(trapsOfTrigger(trigger(FULL)))).toEqual([]);
  });
});
