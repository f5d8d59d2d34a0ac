import { OtlpError } from '../errors.ts';

/**
 * How a field is written in protobuf; a message is given lazily because messages contain each other.
 * The values that come out are those of OTLP's JSON mapping, so that one reader serves both encodings.
 */
export type FieldKind = 'text' | 'bytes' | 'id' | 'bool' | 'int' | 'double' | 'fixed64' | (() => Message);

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly repeated?: boolean;
}

/** Field number → field. */
export type Message = ReadonlyMap<number, Field>;

const VARINT = 0;
const I64 = 1;
const LEN = 2;
const I32 = 5;

/** Room for the deepest attribute that is accepted; keeps hostile nesting from exhausting the stack. */
const MAX_DEPTH = 128;

/**
 * Reads a protobuf message into OTLP's JSON form: ids as hex, 64-bit integers as decimal text, bytes as base64. Fields that
 * the description does not name are skipped, as protobuf asks for.
 * @throws OtlpError 400 when the bytes are no such message
 */
export function readMessage(bytes: Buffer, message: Message, depth = 0): Record<string, unknown> {
  if (depth > MAX_DEPTH) throw new OtlpError(400, `the message is nested deeper than ${MAX_DEPTH} levels`);
  const cursor = new Cursor(bytes);
  const result: Record<string, unknown> = {};
  while (!cursor.done) {
    const tag = Number(cursor.varint());
    const field = message.get(tag >>> 3);
    const raw = cursor.value(tag & 7);
    if (!field || !fits(field.kind, tag & 7)) continue;
    const value = valueOf(raw, field.kind, depth);
    if (!field.repeated) result[field.name] = value;
    else if (Array.isArray(result[field.name])) (result[field.name] as unknown[]).push(value);
    else result[field.name] = [value];
  }
  return result;
}

type Raw = bigint | Buffer;

/** Walks over the fields of one message. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#take(1)[0] ?? 0;
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, result);
    }
    throw new OtlpError(400, `a number at byte ${this.#at} is longer than 64 bits`);
  }

  value(wireType: number): Raw {
    if (wireType === VARINT) return this.varint();
    if (wireType === I64) return this.#take(8);
    if (wireType === I32) return this.#take(4);
    if (wireType === LEN) return this.#take(Number(this.varint()));
    throw new OtlpError(400, `wire type ${wireType} at byte ${this.#at} does not exist in OTLP`);
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new OtlpError(400, `the message ends in the middle of a field`);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

const WIRE_TYPES = { text: LEN, bytes: LEN, id: LEN, bool: VARINT, int: VARINT, double: I64, fixed64: I64 } as const;

function fits(kind: FieldKind, wireType: number): boolean {
  return wireType === (typeof kind === 'string' ? WIRE_TYPES[kind] : LEN);
}

function valueOf(raw: Raw, kind: FieldKind, depth: number): unknown {
  if (typeof raw === 'bigint') return kind === 'bool' ? raw !== 0n : BigInt.asIntN(64, raw).toString();
  if (typeof kind === 'function') return readMessage(raw, kind(), depth + 1);
  if (kind === 'text') return raw.toString('utf8');
  if (kind === 'id') return raw.toString('hex');
  if (kind === 'fixed64') return raw.readBigUInt64LE().toString();
  return kind === 'double' ? raw.readDoubleLE() : raw.toString('base64');
}
