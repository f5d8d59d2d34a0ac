/** How an order may end, besides being confirmed. */
export const ENDINGS = ['rejected', 'cancelled', 'expired'] as const;
export type Ending = (typeof ENDINGS)[number];

export const ORDER_STATUSES = [
  'placed', // waits for stock and for a quote, which come in any order
  'reserved', // the stock is set aside; waits for the quote
  'quoted', // shipping is quoted; waits for the stock
  'awaiting-payment', // until the payment window expires
  'authorized', // the money is held; being captured, so there is no way back but for a refusal
  'captured', // the money is ours; waits for the label
  'confirmed',
  'voiding', // off; the payment is being given up
  'releasing', // off; the stock is being put back
  ...ENDINGS,
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** What may happen to an order. */
export const ORDER_EVENTS = [
  'stock-reserved',
  'stock-rejected',
  'stock-released',
  'shipping-quoted',
  'shipping-rejected',
  'payment-authorized',
  'payment-declined',
  'payment-captured',
  'capture-refused',
  'payment-voided',
  'label-created',
  'window-expired',
  'cancellation-requested',
] as const;
export type OrderEvent = (typeof ORDER_EVENTS)[number];

export interface Move {
  /** `its-ending`: what was decided when the order was found to be off. */
  readonly to: OrderStatus | 'its-ending';
  /** Decides now what the order will come to. */
  readonly ending?: Ending;
}

/**
 * - a move: the order goes on
 * - `known`: nothing new; it came twice, or was overtaken by what was decided meanwhile
 * - `early`: what must come before it is still on its way
 * - `impossible`: it contradicts what is known; a person should see it
 */
export type Reaction = Move | 'known' | 'early' | 'impossible';

const to = (status: Move['to']): Move => ({ to: status });
const undo = (status: 'voiding' | 'releasing', ending: Ending): Move => ({ to: status, ending });
const known = <E extends OrderEvent>(...events: readonly E[]): Record<E, 'known'> =>
  Object.fromEntries(events.map((event) => [event, 'known'])) as Record<E, 'known'>;

/** Whatever was under way when the order was found to be off may still arrive. Money that was captured may not. */
const UNDER_WAY = known(
  'stock-reserved',
  'stock-rejected',
  'shipping-quoted',
  'shipping-rejected',
  'payment-authorized',
  'payment-declined',
  'capture-refused',
  'window-expired',
);
const UNDONE = { ...UNDER_WAY, ...known('payment-voided', 'stock-released') };

/** The whole life of an order. What a status does not list is impossible in it. */
export const TRANSITIONS: Readonly<Record<OrderStatus, Readonly<Partial<Record<OrderEvent, Reaction>>>>> = {
  placed: {
    'stock-reserved': to('reserved'),
    'stock-rejected': { to: 'rejected', ending: 'rejected' },
    'shipping-quoted': to('quoted'),
    'shipping-rejected': undo('releasing', 'rejected'),
    'cancellation-requested': undo('releasing', 'cancelled'),
  },
  reserved: {
    ...known('stock-reserved'),
    'shipping-quoted': to('awaiting-payment'),
    'shipping-rejected': undo('releasing', 'rejected'),
    'cancellation-requested': undo('releasing', 'cancelled'),
  },
  quoted: {
    ...known('shipping-quoted'),
    'stock-reserved': to('awaiting-payment'),
    'stock-rejected': { to: 'rejected', ending: 'rejected' },
    'cancellation-requested': undo('releasing', 'cancelled'),
  },
  'awaiting-payment': {
    ...known('stock-reserved', 'shipping-quoted'),
    'payment-authorized': to('authorized'),
    'payment-declined': undo('releasing', 'rejected'),
    'window-expired': undo('voiding', 'expired'),
    'cancellation-requested': undo('voiding', 'cancelled'),
  },
  authorized: {
    ...known('stock-reserved', 'shipping-quoted', 'payment-authorized', 'window-expired'),
    'payment-captured': to('captured'),
    'capture-refused': undo('voiding', 'rejected'),
    'label-created': 'early',
  },
  captured: {
    ...known('stock-reserved', 'shipping-quoted', 'payment-authorized', 'payment-captured', 'window-expired'),
    'label-created': to('confirmed'),
  },
  confirmed: known(
    'stock-reserved',
    'shipping-quoted',
    'payment-authorized',
    'payment-captured',
    'label-created',
    'window-expired',
  ),
  voiding: { ...UNDER_WAY, 'payment-voided': to('releasing') },
  releasing: { ...UNDER_WAY, ...known('payment-voided'), 'stock-released': to('its-ending') },
  rejected: UNDONE,
  cancelled: UNDONE,
  expired: UNDONE,
};

export function reactionTo(status: OrderStatus, event: OrderEvent): Reaction {
  return TRANSITIONS[status][event] ?? 'impossible';
}

export function isMove(reaction: Reaction): reaction is Move {
  return typeof reaction === 'object';
}

/** Nothing leads on from here. */
export function isFinal(status: OrderStatus): boolean {
  return !Object.values(TRANSITIONS[status]).some(isMove);
}
