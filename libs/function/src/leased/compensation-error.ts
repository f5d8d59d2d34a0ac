import { EbbError, messageOf } from '@ebb/core';

/** A step cannot be taken back. No TerminalError: whoever catches those takes the saga for taken back, and this one is not. */
export class CompensationError extends EbbError {
  constructor(step: string, cause: unknown) {
    super('EBB_TERMINAL', `step "${step}" cannot be taken back: ${messageOf(cause)}`, { cause });
  }
}
