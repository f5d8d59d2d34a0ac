import { EbbError } from '@ebb/core';
import type { Handled, Message } from '../host.ts';
import type { Place } from '../points.ts';
import { runCrash } from './run-crash.ts';
import { configEntries, type CrashTask } from './task.ts';

/** Which of several: a step's name. */
export type CrashOptions = Pick<Place, 'step'>;

export interface CrashesOptions {
  readonly tested: CrashTask['tested'];
  readonly module: URL | string | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  readonly database: { readonly url: string; readonly schema: string } | undefined;
}

/** Where the service's next process dies. */
export class Crashes {
  readonly #options: CrashesOptions;
  #place: Place | undefined;
  #crashes = 0;

  constructor(options: CrashesOptions) {
    this.#options = options;
  }

  /** Does something while messages go to processes of their own, until one of these has died at the place. */
  async during<T>(place: Place, run: () => Promise<T>): Promise<T> {
    this.#place = place;
    const before = this.#crashes;
    try {
      const value = await run();
      if (this.#crashes > before) return value;
    } finally {
      this.#place = undefined;
    }
    const ofStep = place.step === undefined ? '' : ` of step "${place.step}"`;
    throw new EbbError('EBB_DEFINITION', `no process came to the point "${place.point}"${ofStep}`);
  }

  /** Gives a message to a process that is to die, or else does `handle`. */
  async handle(message: Message, handle: () => Promise<Handled>): Promise<Handled | 'crashed'> {
    const place = this.#place;
    if (!place) return handle();
    const { tested, module, config, database } = this.#options;
    if (module === undefined) {
      throw new EbbError('EBB_DEFINITION', 'crashAt needs the option "module": the file that exports what is tested');
    }
    const ended = await runCrash(module, {
      ...{ tested, place, config: configEntries(config) },
      message: { ...message, body: message.body.toString('base64') },
      ...(database && { database: { url: database.url, schema: database.schema } }),
    });
    if (ended.as === 'answered') return ended.handled;
    this.#crashes += 1;
    this.#place = undefined;
    return 'crashed';
  }
}
