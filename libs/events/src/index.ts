import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CloudEvent, DecodedEvent, DecodedMessage, EventRecord } from './cloud-event.ts';
import type { CodecLimits } from './codec/limits.ts';
import type { DataOf, EventDefinition } from './definition/event-definition.ts';

export type { CloudEvent, DecodedEvent, DecodedMessage, EventRecord } from './cloud-event.ts';
export { CloudEventError } from './errors.ts';
export { DEFAULT_LIMITS, type CodecLimits } from './codec/limits.ts';
export type { DataOf, EventDefinition, JsonSchema } from './definition/event-definition.ts';

export interface HttpMessage {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}
export declare function decodeHttp(
  headers: IncomingHttpHeaders,
  body: Buffer,
  limits?: Partial<CodecLimits>,
): DecodedMessage;
export declare function encodeBinary(
  event: CloudEvent,
  payload?: Buffer,
  options?: { percentEncode?: boolean },
): { headers: Record<string, string>; body: Buffer | undefined };
export declare function encodeStructured(event: CloudEvent): HttpMessage;
export declare function encodeBatch(events: readonly CloudEvent[]): HttpMessage;
export declare function toRecord(event: CloudEvent, payload?: Buffer): EventRecord;
export declare function fromRecord(record: EventRecord): DecodedEvent;
export declare function payloadSha(decoded: DecodedEvent): string;
export declare function readBody(request: IncomingMessage, maxBytes: number, signal?: AbortSignal): Promise<Buffer>;
export declare function defineEvent<const Type extends string, S extends StandardSchemaV1>(
  type: Type,
  options: {
    topic: string;
    key(data: StandardSchemaV1.InferOutput<S>): string;
    data: S;
    example: StandardSchemaV1.InferOutput<S>;
    description?: string;
  },
): EventDefinition<Type, StandardSchemaV1.InferOutput<S>>;
export declare function createEvent<D extends EventDefinition>(
  definition: D,
  data: DataOf<D>,
  options: { source: string; id?: string; time?: string; extensions?: Readonly<Record<string, string>> },
): CloudEvent<DataOf<D>>;
export declare function checkExample(definition: EventDefinition): void;
