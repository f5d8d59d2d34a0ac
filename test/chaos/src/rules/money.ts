import { finding, type Finding } from '../finding.ts';
import type { Ledger } from '../ledger.ts';
import type { Observed, ObservedMovement, ObservedOrder } from '../observed.ts';
import { countBy } from './count.ts';
import { isEnd } from './ends.ts';

/** The payment provider took the money of each confirmed order once, and of no other; what it held for others it has let go. */
export function money(_ledger: Ledger, observed: Observed): readonly Finding[] {
  const byOrder = new Map<string, ObservedMovement[]>();
  for (const movement of observed.movements) {
    const known = byOrder.get(movement.reference);
    if (known) known.push(movement);
    else byOrder.set(movement.reference, [movement]);
  }
  const orders = new Set(observed.orders.map(({ orderId }) => orderId));
  const labelled = countBy(observed.labelled, (orderId) => orderId);
  return [
    ...observed.orders.flatMap((order) => judge(order, byOrder.get(order.orderId) ?? [])),
    ...[...byOrder.keys()]
      .filter((reference) => !orders.has(reference))
      .map((reference) => finding('money', reference, 'money was moved for an order that is not there')),
    ...observed.orders
      .filter(
        ({ orderId, status }) => isEnd(status) && (labelled.get(orderId) ?? 0) !== (status === 'confirmed' ? 1 : 0),
      )
      .map(({ orderId, status }) =>
        finding(
          status === 'confirmed' ? 'lost' : 'invented',
          orderId,
          `the order is ${status} and has ${labelled.get(orderId) ?? 0} labels`,
        ),
      ),
  ];
}

function judge(order: ObservedOrder, movements: readonly ObservedMovement[]): readonly Finding[] {
  const { orderId, status, totalMinorUnits, shippingMinorUnits } = order;
  if (!isEnd(status)) return [];
  const due = totalMinorUnits + (shippingMinorUnits ?? 0);
  const what = movements.map((movement) => movement.what).join(', ');
  const amounts = movements.filter(({ minorUnits }) => minorUnits !== due);
  const expected = status === 'confirmed' ? ['authorized, captured'] : ['', 'authorized, voided'];
  return [
    ...(expected.includes(what)
      ? []
      : [finding('money', orderId, `the order is ${status}, and the provider booked: ${what || 'nothing'}`)]),
    ...amounts.map((wrong) =>
      finding('money', orderId, `${wrong.minorUnits} were ${wrong.what}, and the order comes to ${due}`),
    ),
  ];
}
