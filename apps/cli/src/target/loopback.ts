import { request } from 'node:http';
import { EbbError, messageOf } from '@ebb/core';
import type { ControlTransport } from '@ebb/local/client';

/** A look takes moments; what is done with a hundred dead letters, or a dry run, takes what their functions do. */
const ANSWER_WITHIN_MS = { GET: 30_000, POST: 300_000 } as const;

/** It asks the loopback address: `*.localhost` resolves only in browsers and curl. Streams may be silent for as long as they like. */
export function loopback(
  port: number,
  answerWithinMs: Readonly<Record<'GET' | 'POST', number>> = ANSWER_WITHIN_MS,
): ControlTransport {
  return ({ method, path, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port, method, path, headers, ...(signal && { signal }) },
        (response) => {
          clearTimeout(timer);
          resolve(response);
        },
      );
      const withinMs = answerWithinMs[method];
      const timer = setTimeout(() => {
        if (signal === undefined) outgoing.destroy(new Error(`nothing came within ${withinMs / 1_000} s`));
      }, withinMs);
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        reject(
          new EbbError(
            'EBB_RUNTIME',
            `the runtime at port ${port} did not answer: ${messageOf(error)} (what it is at: .ebb/logs/runtime.log)`,
            { cause: error },
          ),
        );
      });
      outgoing.end(body);
    });
}
