import * as z from 'zod/mini';
import { Money, sumOf } from './money.ts';

const MAX_LINES = 100;
const MAX_QUANTITY = 10_000;

/** Stock keeping unit: what a warehouse calls a product. */
export const Sku = z
  .string()
  .check(
    z.regex(/^[A-Z0-9]+(-[A-Z0-9]+)*$/, 'must be capitals and digits in groups joined by hyphens, such as MUG-BLUE'),
    z.maxLength(40),
  );

export const Quantity = z.int().check(z.minimum(1), z.maximum(MAX_QUANTITY));

export const OrderLine = z.object({ sku: Sku, quantity: Quantity, unitPrice: Money });
export type OrderLine = z.infer<typeof OrderLine>;

/** What is ordered: at least one line, all in one currency, with a total that can be computed exactly. */
export const OrderLines = z
  .array(OrderLine)
  .check(z.minLength(1, { abort: true }), z.maxLength(MAX_LINES), (context) => {
    const [first, ...rest] = context.value;
    const other = rest.findIndex(({ unitPrice }) => unitPrice.currency !== first?.unitPrice.currency);
    if (other >= 0) {
      const message = `must be ${first?.unitPrice.currency ?? ''}, as in the first line: an order has one currency`;
      context.issues.push({
        code: 'custom',
        input: context.value,
        path: [other + 1, 'unitPrice', 'currency'],
        message,
      });
    } else if (first && sum(context.value) === undefined) {
      context.issues.push({
        code: 'custom',
        input: context.value,
        path: [],
        message: 'add up to more than can be counted',
      });
    }
  });

/** What lines that passed {@link OrderLines} cost together. */
export function totalOf(lines: readonly OrderLine[]): Money {
  const [first] = lines;
  const minorUnits = sum(lines);
  if (!first || minorUnits === undefined)
    throw new RangeError('the lines of an order are checked before they are added up');
  return { minorUnits, currency: first.unitPrice.currency };
}

function sum(lines: readonly OrderLine[]): number | undefined {
  return sumOf(lines.map(({ quantity, unitPrice }) => [quantity, unitPrice.minorUnits]));
}
