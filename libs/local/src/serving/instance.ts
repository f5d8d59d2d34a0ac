import { Agent } from 'node:http';
import { deferred } from '@ebb/core';
import type { ServiceProcess } from './service-process.ts';

/**
 * Shorter than the keep-alive of any common server, so that an idle connection is ours to close: a request that is sent while
 * the server closes it would be lost.
 */
const IDLE_CONNECTION_MS = 1_500;

/** What is needed of the process behind an instance. */
export type InstanceProcess = Pick<
  ServiceProcess,
  'port' | 'isAlive' | 'exited' | 'coldStartMs' | 'lastWords' | 'terminate'
>;

/** One ready process of a revision, with the requests that are in it. */
export class Instance {
  readonly process: InstanceProcess;
  readonly agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });
  readonly readyAt = performance.now();
  inFlight = 0;
  #isDraining = false;
  #isPaused = false;
  #idle = deferred();

  constructor(process: InstanceProcess) {
    this.process = process;
  }

  /** Takes new requests. */
  get isOpen(): boolean {
    return !this.#isDraining && !this.#isPaused && this.process.isAlive;
  }

  enter(): void {
    this.inFlight += 1;
  }

  leave(): void {
    this.inFlight -= 1;
    if (this.inFlight === 0) this.#idle.resolve();
  }

  /** Takes nothing until {@link resume}. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** Nothing new is sent here from now on. */
  close(): void {
    this.#isDraining = true;
  }

  /** Lets the requests in flight finish (for `graceMs` at most), then ends the process. */
  async drain(graceMs: number): Promise<void> {
    this.close();
    if (this.inFlight > 0 && this.process.isAlive) await this.#untilIdle(graceMs);
    this.agent.destroy();
    await this.process.terminate(graceMs);
  }

  async #untilIdle(graceMs: number): Promise<void> {
    this.#idle = deferred();
    const timer = setTimeout(() => this.#idle.resolve(), graceMs);
    await Promise.race([this.#idle.promise, this.process.exited]);
    clearTimeout(timer);
  }
}
