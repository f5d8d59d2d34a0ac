export interface Grant {
  readonly privileges: string;
  readonly tables: readonly string[];
}

/** What the relay's own work takes of the platform's tables in each schema. */
export const RELAY_GRANTS: readonly Grant[] = [
  { privileges: 'SELECT, INSERT, UPDATE (published_at, put_aside, error), DELETE', tables: ['outbox'] },
  { privileges: 'SELECT, DELETE', tables: ['inbox', 'step', 'wait', 'signal'] },
  // A delivery that is sent on may be taken again.
  { privileges: 'UPDATE (status)', tables: ['inbox'] },
  // Locking a row takes the right to change it.
  { privileges: 'SELECT, UPDATE (seq), DELETE', tables: ['timer'] },
  { privileges: 'SELECT, UPDATE (redrive_count, redriven_at), DELETE', tables: ['parked'] },
];
