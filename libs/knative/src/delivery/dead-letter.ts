import { kneHeaders } from './kne-headers.ts';

const MAX_DATA_BYTES = 1024;

/** What became of the last attempt; without a status there was no answer. */
export interface FailedDelivery {
  readonly url: string;
  readonly status?: number;
  readonly body?: Buffer;
  /** Of the answer, names in lower case; the `kne-…` ones among them become extensions. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The attributes that a dead letter carries: where it was sent, and what was answered. The Kafka data plane cuts the body to its first
 * 1024 bytes and encodes those in base64; when there was no answer it gives the destination alone.
 */
export function deadLetterAttributes(failed: FailedDelivery): Readonly<Record<string, string>> {
  const { url, status, body, headers = {} } = failed;
  if (status === undefined) return { knativeerrordest: url };
  return {
    ...kneHeaders(headers).extensions,
    knativeerrordest: url,
    knativeerrorcode: String(status),
    ...(body && body.length > 0 && { knativeerrordata: body.subarray(0, MAX_DATA_BYTES).toString('base64') }),
  };
}
