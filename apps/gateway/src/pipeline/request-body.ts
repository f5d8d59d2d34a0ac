import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';

import { refusal, type Refusal } from './refusal.ts';

export interface SendBodyOptions {
  readonly onChunk: () => void;
  /** The client sent more than it may; nothing of it goes on. */
  readonly onTooLarge: () => void;
}

/** The body of a request on its way in: counted, and asked for only when somebody wants it. */
export class RequestBody {
  readonly isPresent: boolean;
  readonly #request: IncomingMessage;
  readonly #limit: number;
  /** The client waits for leave to send (`Expect: 100-continue`). */
  #askToSend: (() => void) | undefined;
  #bytes = 0;

  /** @param askToSend tells a client that waits for it to go on */
  constructor(request: IncomingMessage, limit: number, askToSend: (() => void) | undefined) {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    this.isPresent = encoding !== undefined || (length !== undefined && length !== '0');
    this.#request = request;
    this.#limit = limit;
    this.#askToSend = askToSend;
  }

  /** Whether the client said so already: nothing of it needs to be read. */
  get isTooLarge(): boolean {
    return Number(this.#request.headers['content-length'] ?? 0) > this.#limit;
  }

  /** All of it is here. */
  get isComplete(): boolean {
    return this.#request.complete;
  }

  /** The client has not been told that it may send: nothing is on its way. */
  get isHeldBack(): boolean {
    return this.#askToSend !== undefined;
  }

  get tooLarge(): Refusal {
    return refusal('too-large', 413, `the body is larger than the ${this.#limit} bytes that this route takes`);
  }

  /** @throws Error when the client goes away before its end */
  read(): Promise<Buffer | Refusal> {
    if (this.isTooLarge) return Promise.resolve(this.tooLarge);
    this.#goAhead();
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const onData = (chunk: Buffer): void => {
        chunks.push(chunk);
        if (!this.#isOver(chunk)) return;
        this.#request.off('data', onData);
        resolve(this.tooLarge);
      };
      this.#request.on('data', onData);
      this.#request.once('end', () => resolve(Buffer.concat(chunks)));
      this.#request.once('close', () => reject(new Error('the client went away before the end of its body')));
    });
  }

  /** Sends it on as it comes, no faster than `out` takes it, and ends `out` with it. Whoever destroys `out` stops it. */
  sendTo(out: Writable, { onChunk, onTooLarge }: SendBodyOptions): void {
    const request = this.#request;
    this.#goAhead();
    const onData = (chunk: Buffer): void => {
      onChunk();
      if (this.#isOver(chunk)) {
        stop();
        onTooLarge();
      } else if (!out.write(chunk)) request.pause();
    };
    const onDrain = (): void => void request.resume();
    const onEnd = (): void => void out.end();
    const stop = (): void => {
      request.off('data', onData).off('end', onEnd);
      out.off('drain', onDrain);
    };
    request.on('data', onData).once('end', onEnd);
    out.on('drain', onDrain).once('close', stop);
  }

  /** Reads on and throws away, up to `bytes` and `timeoutMs`, so that a client that is still sending gets to read its answer. */
  discard(bytes: number, timeoutMs: number, done: () => void): void {
    const request = this.#request;
    const most = this.#bytes + bytes;
    const finish = (): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', finish).off('close', finish);
      done();
    };
    const onData = (chunk: Buffer): void => {
      this.#bytes += chunk.length;
      if (this.#bytes > most) finish();
    };
    const timer = setTimeout(finish, timeoutMs);
    request.on('data', onData).once('end', finish).once('close', finish);
    request.resume();
  }

  #goAhead(): void {
    this.#askToSend?.();
    this.#askToSend = undefined;
  }

  #isOver(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    return this.#bytes > this.#limit;
  }
}
