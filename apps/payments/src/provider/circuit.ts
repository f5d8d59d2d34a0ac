/** Shared by all that we ask of the provider. A single card that does not answer must not open it. */
export const CIRCUIT = { name: 'payment-provider', failures: 10, openFor: '10s' } as const;
