/** Services with a database: the schemas that have an inbox, an outbox, and parked deliveries. */
export const SERVICES = ['orders', 'inventory', 'payments', 'payment_provider', 'shipping', 'witness'] as const;
