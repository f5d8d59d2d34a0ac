import { EbbError } from '@ebb/core';

/** The topic does not exist; nothing was appended or read. */
export class UnknownTopicError extends EbbError {
  readonly topic: string;

  constructor(topic: string) {
    super('EBB_RUNTIME', `there is no topic "${topic}"`);
    this.topic = topic;
  }
}
