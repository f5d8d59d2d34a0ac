import { QueryError } from '../errors.ts';

const UNIT_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // micro sign
  μs: 1e3, // Greek letter mu
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

/**
 * Nanoseconds of a duration as Go writes them, which is what Jaeger's API takes: 1.5s, 100ms, 1h30m.
 * @throws QueryError
 */
export function goDuration(text: string): bigint {
  let total = 0;
  let end = 0;
  for (const [part, number, unit = ''] of text.matchAll(PART)) {
    total += Number(number) * (UNIT_NS[unit] ?? 0);
    end += part.length;
  }
  const complete = end === text.length && (end > 0 || text === '0');
  if (text !== '0' && (!complete || !Number.isFinite(total) || total > Number.MAX_SAFE_INTEGER)) {
    throw new QueryError(`time: invalid duration ${JSON.stringify(text)}`);
  }
  return BigInt(Math.round(total));
}
