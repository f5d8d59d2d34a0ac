/** What a definition without settings has: reading any of them does not compile. */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- an empty object is exactly what is meant
export type NoSettings = Readonly<Record<never, never>>;
