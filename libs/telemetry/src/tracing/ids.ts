import { randomFillSync } from 'node:crypto';

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** Asking for random bytes costs the same for a few as for many. */
const pool = Buffer.allocUnsafe(4_096);
let used = pool.length;

export const newTraceId = (): string => randomHex(TRACE_ID_BYTES);

export const newSpanId = (): string => randomHex(SPAN_ID_BYTES);

function randomHex(bytes: number): string {
  for (;;) {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const from = used;
    used += bytes;
    const id = pool.toString('hex', from, used);
    // An id of zeros means that there is none.
    if (/[^0]/.test(id)) return id;
  }
}
