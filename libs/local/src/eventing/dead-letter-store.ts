/** An event that no delivery could place. */
export interface DeadLetter {
  readonly namespace: string;
  readonly trigger: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly eventId: string;
  readonly eventType: string;
  /** The record as it was read: the CloudEvent in Kafka's binary mode. */
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
  /** The `knativeerror…` attributes and what `kne-` headers added. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Why it is here and not at a dead letter sink. */
  readonly reason: 'no-sink' | 'sink-failed';
}

export interface StoredDeadLetter extends DeadLetter {
  readonly id: string;
  readonly createdAt: Date;
}

/**
 * Where events stay visible that a cluster would have lost (trap 11).
 * The same event of the same trigger is kept once, however often its delivery is repeated after a restart.
 */
export interface DeadLetterStore {
  add(letter: DeadLetter): Promise<void>;
  list(options?: { readonly trigger?: string; readonly limit?: number }): Promise<readonly StoredDeadLetter[]>;
  count(): Promise<number>;
  close(): Promise<void>;
}
