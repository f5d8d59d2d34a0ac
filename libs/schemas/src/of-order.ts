/** The order that all examples are about. */
export const EXAMPLE_ORDER_ID = '0198b2f0-6f1c-7c3e-9d5a-3f2b1c4d5e6f';

/** What an event about an order is kept in order by. */
export const ofOrder = (data: { orderId: string }): string => data.orderId;
