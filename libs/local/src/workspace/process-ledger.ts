import { join } from 'node:path';
import { killOrphans } from '../serving/process-group.ts';
import { identify, type ProcessIdentity } from '@ebb/core';
import { readJson, writeWhole, type StateDirectory } from './state.ts';

/** The processes that this runtime started, on disk, so that the next one can end what a killed runtime left behind. */
export class ProcessLedger {
  readonly #file: string;
  readonly #running = new Map<number, ProcessIdentity>();

  constructor(state: StateDirectory) {
    this.#file = join(state.folder('run'), 'processes.json');
  }

  started(pid: number): void {
    const identity = identify(pid);
    if (!identity) return;
    this.#running.set(pid, identity);
    this.#write();
  }

  exited(pid: number): void {
    if (this.#running.delete(pid)) this.#write();
  }

  /** Ends what a predecessor left running; says how many there were. */
  endOrphans(): number {
    const ended = killOrphans(readJson<ProcessIdentity[]>(this.#file) ?? []);
    this.#write();
    return ended.length;
  }

  #write(): void {
    writeWhole(this.#file, [...this.#running.values()]);
  }
}
