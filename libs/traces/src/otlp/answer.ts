import type { OtlpEncoding } from './decode.ts';

/** The codes of google.rpc.Status that are used here. */
const STATUS_OF_HTTP: Readonly<Record<number, number>> = {
  400: 3, // INVALID_ARGUMENT
  404: 5, // NOT_FOUND
  405: 12, // UNIMPLEMENTED
  413: 8, // RESOURCE_EXHAUSTED
  415: 3,
  503: 14, // UNAVAILABLE
};
const UNKNOWN = 2;

export interface Answer {
  readonly contentType: string;
  readonly body: Buffer;
}

/** The body of an error answer: a `Status`, in the encoding of the request. */
export function errorAnswer(encoding: OtlpEncoding, httpStatus: number, message: string): Answer {
  const code = STATUS_OF_HTTP[httpStatus] ?? UNKNOWN;
  if (encoding === 'json') return json({ code, message });
  return protobuf(Buffer.concat([varintField(1, code), textField(2, message)]));
}

/** The body of a success: empty, or a partial success that says how many spans were rejected and why. */
export function successAnswer(encoding: OtlpEncoding, rejected: number, reason = ''): Answer {
  if (encoding === 'json') {
    return json(rejected === 0 ? {} : { partialSuccess: { rejectedSpans: String(rejected), errorMessage: reason } });
  }
  if (rejected === 0) return protobuf(Buffer.alloc(0));
  return protobuf(bytesField(1, Buffer.concat([varintField(1, rejected), textField(2, reason)])));
}

function json(document: object): Answer {
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify(document)) };
}

function protobuf(body: Buffer): Answer {
  return { contentType: 'application/x-protobuf', body };
}

function varintField(number: number, value: number): Buffer {
  return Buffer.from([number << 3, ...varint(value)]);
}

function bytesField(number: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(value.length)]), value]);
}

function textField(number: number, value: string): Buffer {
  return bytesField(number, Buffer.from(value));
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
