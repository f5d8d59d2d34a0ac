/** How far the system's clock may run from ours before ours follows: what it is set by is seldom worth a jump inside of a trace. */
const MAX_DRIFT_MS = 5;
const CHECK_EVERY_MS = 1_000;

let offsetMs = performance.timeOrigin;
let checkedAtMs = 0;

/** Milliseconds since 1970, to the microsecond, by a clock that does not jump in the middle of a span. */
export function nowMs(): number {
  const sinceStartMs = performance.now();
  if (sinceStartMs - checkedAtMs > CHECK_EVERY_MS) {
    checkedAtMs = sinceStartMs;
    const driftMs = Date.now() - offsetMs - sinceStartMs;
    if (Math.abs(driftMs) > MAX_DRIFT_MS) offsetMs += driftMs;
  }
  return offsetMs + sinceStartMs;
}

const MICROSECONDS_PER_MILLISECOND = 1_000;
const MILLISECONDS_PER_SECOND = 1_000;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;
const MICROSECOND_DIGITS = 3;

/** The same in whole nanoseconds, as text: a number cannot hold so many. */
export function nanosecondsOf(ms: number): string {
  const whole = Math.floor(ms);
  const micros = Math.floor((ms - whole) * MICROSECONDS_PER_MILLISECOND);
  return `${whole}${String(micros).padStart(MICROSECOND_DIGITS, '0')}000`;
}

/** The same as OpenTelemetry has it: seconds, and nanoseconds. */
export function hrTimeOf(ms: number): [seconds: number, nanoseconds: number] {
  const seconds = Math.floor(ms / MILLISECONDS_PER_SECOND);
  return [seconds, Math.round((ms - seconds * MILLISECONDS_PER_SECOND) * NANOSECONDS_PER_MILLISECOND)];
}
