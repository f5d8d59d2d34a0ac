import { EbbError } from '@ebb/core';

/** An OTLP request that cannot be read; `status` is what its sender is answered. */
export class OtlpError extends EbbError {
  readonly status: 400 | 413 | 415;

  constructor(status: OtlpError['status'], message: string, options?: ErrorOptions) {
    super(status === 413 ? 'EBB_TOO_LARGE' : 'EBB_SCHEMA_VIOLATION', message, options);
    this.status = status;
  }
}

/** A query that cannot be understood; answered with 400 in the shape of the API that was asked. */
export class QueryError extends EbbError {
  constructor(message: string, options?: ErrorOptions) {
    super('EBB_USAGE', message, options);
  }
}
