import { MAX_JSON_DEPTH } from '@ebb/core';

/** What a message from outside may cost. */
export interface CodecLimits {
  /** Bytes of the whole body. */
  readonly maxBytes: number;
  /** Events in one batch. */
  readonly maxEvents: number;
  /** Attributes of one event, extensions included. */
  readonly maxAttributes: number;
  /** UTF-8 bytes of one attribute, name and value. */
  readonly maxAttributeBytes: number;
  /** Levels of nesting in JSON data, counted from the data itself, whatever envelope it comes in. */
  readonly maxJsonDepth: number;
}

export const DEFAULT_LIMITS: CodecLimits = {
  maxBytes: 1_048_576,
  maxEvents: 1_000,
  maxAttributes: 64,
  maxAttributeBytes: 8_192,
  maxJsonDepth: MAX_JSON_DEPTH,
};
