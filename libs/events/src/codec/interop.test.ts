import { describe, expect, it } from '@jest/globals';
import { CloudEvent as SdkEvent, HTTP, type CloudEventV1 } from 'cloudevents';
import type { CloudEvent } from '../cloud-event.ts';
import { FULL } from './events.fixture.ts';
import { decodeHttp, encodeBatch, encodeBinary, encodeStructured } from './http.ts';

const sdkEvent = new SdkEvent({ ...FULL, flag: true, count: 7 });

const read = ({ headers, body }: { headers: object; body?: unknown }) =>
  decodeHttp(
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
    Buffer.from(body as string),
  );

const fields = (event: object) => JSON.parse(JSON.stringify(event)) as unknown;

describe('the cloudevents package', () => {
  it('accepts our events as its own', () => {
    const { event } = read(encodeBinary(FULL)).events[0]!;
    expect(fields(new SdkEvent(event))).toEqual(fields(FULL));
  });

  it('reads our binary mode', () => {
    const { headers, body } = encodeBinary(FULL);
    const event = HTTP.toEvent({ headers, body: body?.toString() }) as CloudEventV1<unknown>;
    expect(fields(event)).toEqual(fields(FULL));
  });

  it('reads our structured mode', () => {
    const { body } = encodeStructured(FULL);
    // Its parser knows the content type without a charset only.
    const event = HTTP.toEvent({ headers: { 'content-type': 'application/cloudevents+json' }, body: body.toString() });
    expect(fields(event)).toEqual(fields(FULL));
  });

  it('reads our batches', () => {
    const { headers, body } = encodeBatch([FULL, { ...FULL, id: 'e-2' }]);
    const events = HTTP.toEvent({ headers, body: body.toString() }) as CloudEventV1<unknown>[];
    expect(events.map(({ id }) => id)).toEqual(['e-1', 'e-2']);
  });

  it('is understood in binary mode', () => {
    const { event } = read(HTTP.binary(sdkEvent)).events[0]!;
    expect(event).toEqual({ ...FULL, flag: 'true', count: '7' });
  });

  it('is understood in structured mode', () => {
    const { event } = read(HTTP.structured(sdkEvent)).events[0]!;
    expect(event).toEqual({ ...FULL, flag: true, count: 7 });
  });

  it('is understood when its data is binary', () => {
    const bytes = Uint8Array.from([0, 1, 254, 255]);
    const binary = new SdkEvent({ ...FULL, datacontenttype: 'image/png', data: bytes });
    const { event, payload } = read(HTTP.structured(binary)).events[0]!;
    expect(payload).toEqual(Buffer.from(bytes));
    expect(event.data).toEqual(Buffer.from(bytes));
  });

  it('may hand its events to our encoders, unset attributes and all', () => {
    const event = sdkEvent as unknown as CloudEvent;
    expect(read(encodeBinary(event)).events[0]?.event).toEqual({ ...FULL, flag: 'true', count: '7' });
    expect(read(encodeStructured(event)).events[0]?.event).toEqual({ ...FULL, flag: true, count: 7 });
  });
});
