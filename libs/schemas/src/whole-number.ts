import * as z from 'zod/mini';

const DIGITS = /^(?:0|[1-9][0-9]{0,15})$/;

/** A whole number in a query, where everything is text. `z.coerce.number()` would also take '0x10', '1e1' and a blank. */
export function wholeNumber(min: number, max: number) {
  const range = `must be a whole number from ${min} to ${max}`;
  const text = z.string(range).check(z.regex(DIGITS, range), z.meta({ type: 'integer', minimum: min, maximum: max }));
  return z.pipe(z.pipe(text, z.transform(Number)), z.int(range).check(z.minimum(min, range), z.maximum(max, range)));
}
