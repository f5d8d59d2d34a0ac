import { EbbError } from '@ebb/core';

/** What an event passes on its way, in this order. */
export type Link = 'ingress' | 'topic' | 'trigger' | 'function' | 'relay' | 'derived event' | 'trace';

/** The way ends here. The message is a sentence; `look` says where to find out more. */
export class BrokenLink extends EbbError {
  readonly link: Link;
  readonly look: readonly string[];

  constructor(link: Link, message: string, look: readonly string[] = [], options?: ErrorOptions) {
    super('EBB_RUNTIME', message, options);
    this.link = link;
    this.look = look;
  }
}
