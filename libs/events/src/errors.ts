import { EbbError } from '@ebb/core';

/** A message is no valid CloudEvent. `status` is what an HTTP receiver answers. */
export class CloudEventError extends EbbError {
  readonly status: 400 | 413 | 415;
  /** The attribute (or `data`) that is to blame; the message names it as well. */
  readonly attribute?: string;

  constructor(
    message: string,
    { status = 400, attribute, cause }: { status?: 400 | 413 | 415; attribute?: string; cause?: unknown } = {},
  ) {
    super('EBB_CLOUDEVENT', message, cause === undefined ? {} : { cause });
    this.status = status;
    if (attribute !== undefined) this.attribute = attribute;
  }
}
