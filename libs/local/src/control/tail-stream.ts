import type { ServerResponse } from 'node:http';
import type { Tail, TailEntry } from '../eventing/index.ts';

const HEARTBEAT_MS = 15_000;

/** Streams what passes as server-sent events, until the client goes. */
export function streamTail(tail: Tail, filter: { type?: string; subject?: string }, res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'keep-alive' });
  res.write(': listening\n\n');
  const matches = matcher(filter);
  const unsubscribe = tail.subscribe(async (entry) => {
    if (matches(entry) && !res.write(`data: ${JSON.stringify(entry)}\n\n`)) await drained(res);
  });
  // A comment now and then keeps proxies from taking a quiet stream for a dead one.
  const heartbeat = setInterval(() => res.write(': still here\n\n'), HEARTBEAT_MS);
  res.on('close', () => {
    clearInterval(heartbeat);
    unsubscribe();
  });
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      res.off('drain', settle).off('close', settle);
      resolve();
    };
    res.once('drain', settle).once('close', settle);
  });
}

function matcher({ type, subject }: { type?: string; subject?: string }): (entry: TailEntry) => boolean {
  const prefix = type?.endsWith('*') ? type.slice(0, -1) : undefined;
  return (entry) => {
    if (entry.kind === 'dropped') return true;
    if (subject !== undefined && entry.subject !== subject) return false;
    if (type === undefined) return true;
    return prefix === undefined ? entry.type === type : entry.type.startsWith(prefix);
  };
}
