import { isGood, NOWHERE } from '../cards.ts';
import { finding, type Finding } from '../finding.ts';
import type { Ledger, OrderEntry } from '../ledger.ts';
import type { Observed, ObservedOrder, ObservedReservation } from '../observed.ts';
import type { Line } from '../plan.ts';
import { ENDS, holds, isEnd } from './ends.ts';
import { countBy, unitsBySku, unitsText } from './count.ts';

const END_TYPE = new RegExp(`\\.order\\.(${ENDS.join('|')})\\.v1$`);

/** Every order that was promised is there, as it was sent, and came to one end with the stock that belongs to it. */
export function orders(ledger: Ledger, observed: Observed): readonly Finding[] {
  const sent = new Map(
    ledger.orders.flatMap((entry) => (entry.orderId === undefined ? [] : [[entry.orderId, entry] as const])),
  );
  const there = new Map(observed.orders.map((order) => [order.orderId, order]));
  const reservations = new Map(observed.reservations.map((reservation) => [reservation.orderId, reservation]));
  return [
    ...lost(ledger, there),
    ...observed.orders.flatMap((order) =>
      judge(order, sent.get(order.orderId), reservations.get(order.orderId), ledger),
    ),
    ...observed.reservations
      .filter((reservation) => holds(reservation) && !there.has(reservation.orderId))
      .map(({ orderId }) => finding('lost', orderId, 'stock is set aside for an order that is not there')),
    ...decisions(observed),
  ];
}

function lost({ orders: entries }: Ledger, there: ReadonlyMap<string, ObservedOrder>): readonly Finding[] {
  return entries
    .filter(({ orderId, outcome }) => outcome === 'promised' && (orderId === undefined || !there.has(orderId)))
    .map(({ orderId, via }) => finding('lost', orderId ?? '?', `the order was accepted (${via}) and is not there`));
}

function judge(
  order: ObservedOrder,
  entry: OrderEntry | undefined,
  reservation: ObservedReservation | undefined,
  ledger: Ledger,
): readonly Finding[] {
  const { orderId, status } = order;
  // An order of which only the key is known, and whose answer stayed out, is somebody's.
  if (!entry) return isUnnamed(order, ledger) ? [] : [finding('invented', orderId, 'nobody sent this order')];
  return [
    ...contents(order, entry.lines),
    ...(isEnd(status) ? [] : [finding('stuck', orderId, `the order came to no end: it is ${status}`)]),
    ...justified(order, entry, ledger),
    ...history(order),
    ...setAside(order, reservation),
  ];
}

/** Each end needs its reason, and what was promised about it holds. */
function justified({ orderId, status }: ObservedOrder, entry: OrderEntry, ledger: Ledger): readonly Finding[] {
  const asked = ledger.cancellations.filter((cancellation) => cancellation.orderId === orderId);
  const mayBeRejected =
    !isGood(entry.card) || entry.country === NOWHERE || entry.lines.some(({ sku }) => ledger.scarce.includes(sku));
  const isRefused = status === 'confirmed' && (!isGood(entry.card) || entry.country === NOWHERE);
  const isRevoked = status !== 'cancelled' && isEnd(status) && asked.some(({ outcome }) => outcome === 'promised');
  return [
    ...(status === 'rejected' && !mayBeRejected
      ? [finding('altered', orderId, 'the order was rejected for no reason')]
      : []),
    ...(isRefused
      ? [finding('money', orderId, `the order was confirmed, with ${entry.card} and to ${entry.country}`)]
      : []),
    ...(isRevoked ? [finding('lost', orderId, `its cancellation was accepted, and it is ${status}`)] : []),
    ...(status === 'cancelled' && !asked.some(({ outcome }) => outcome !== 'refused')
      ? [finding('invented', orderId, 'nobody cancelled the order')]
      : []),
  ];
}

function isUnnamed({ lines }: ObservedOrder, { orders: entries }: Ledger): boolean {
  return entries.some((entry) => entry.orderId === undefined && linesText(entry.lines) === linesText(lines));
}

function contents({ orderId, lines, totalMinorUnits }: ObservedOrder, sent: readonly Line[]): readonly Finding[] {
  const total = sent.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.minorUnits, 0);
  return [
    ...(linesText(lines) === linesText(sent)
      ? []
      : [finding('altered', orderId, 'the order has other lines than were sent')]),
    ...(total === totalMinorUnits
      ? []
      : [finding('money', orderId, `the order costs ${totalMinorUnits}, and its lines add up to ${total}`)]),
  ];
}

function linesText(lines: readonly Line[]): string {
  return lines.map(({ sku, quantity, unitPrice }) => `${quantity} ${sku} at ${unitPrice.minorUnits}`).join('; ');
}

/** What ended an order stands in its history once, and is its status. */
function history({ orderId, status, history: entries }: ObservedOrder): readonly Finding[] {
  const ends = entries.filter(isEnd);
  if (ends.length > 1)
    return [finding('doubled', orderId, `the order was decided ${ends.length} times: ${ends.join(', ')}`)];
  return !isEnd(status) || ends[0] === status
    ? []
    : [finding('altered', orderId, `the order is ${status}, and its history says ${ends[0] ?? 'nothing'}`)];
}

function setAside(order: ObservedOrder, reservation: ObservedReservation | undefined): readonly Finding[] {
  const { orderId, status, lines } = order;
  const wanted = status === 'confirmed' ? unitsText(unitsBySku(lines)) : '';
  const held = unitsText(unitsBySku(reservation && holds(reservation) ? reservation.items : []));
  if (!isEnd(status) || wanted === held) return [];
  return [finding('stock', orderId, `the order is ${status} and wants: ${wanted}; held for it: ${held}`)];
}

/** Each order's end was told to the others exactly once. */
function decisions({ events, orders: all }: Observed): readonly Finding[] {
  const told = countBy(
    events.filter(({ type }) => END_TYPE.test(type)),
    ({ type, subject }) => `${END_TYPE.exec(type)?.[1] ?? ''} ${subject ?? ''}`,
  );
  return all
    .filter(({ status }) => isEnd(status))
    .flatMap(({ orderId, status }) => {
      const times = told.get(`${status} ${orderId}`) ?? 0;
      if (times === 1) return [];
      return [finding(times === 0 ? 'lost' : 'doubled', orderId, `"order ${status}" was published ${times} times`)];
    });
}
