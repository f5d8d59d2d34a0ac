import { EbbError } from '@ebb/core';

/** A process ended, or was given up, before it was ready. The message says how, and ends with its last lines of stderr. */
export class StartFailedError extends EbbError {
  /** It had all the time that its progress deadline gives: there is no point in another try at once. */
  readonly isTimeout: boolean;

  constructor(message: string, options: ErrorOptions & { isTimeout?: boolean } = {}) {
    super('EBB_RUNTIME', message, options);
    this.isTimeout = options.isTimeout ?? false;
  }
}

/** A revision cannot serve: it never became ready, or a newer one took its place first. */
export class RevisionFailedError extends EbbError {
  readonly revision: string;

  constructor(revision: string, reason: string, options?: ErrorOptions) {
    super('EBB_RUNTIME', `revision ${revision} ${reason}`, options);
    this.revision = revision;
  }
}

/** A held request's revision has gone: the one that took its place is to be asked. */
export class RevisionRetiredError extends Error {}
