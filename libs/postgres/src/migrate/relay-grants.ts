/** What the relay's role may do with the platform's tables of each schema, and no more. */
export const RELAY_GRANTS: readonly { readonly privileges: string; readonly tables: readonly string[] }[] = [
  { privileges: 'SELECT, INSERT, UPDATE (published_at, put_aside, error), DELETE', tables: ['outbox'] },
  { privileges: 'SELECT, DELETE', tables: ['inbox', 'step', 'wait', 'signal'] },
  // A delivery that is sent on may be taken again.
  { privileges: 'UPDATE (status)', tables: ['inbox'] },
  // Locking a row takes the right to change it.
  { privileges: 'SELECT, UPDATE (seq), DELETE', tables: ['timer'] },
  { privileges: 'SELECT, UPDATE (redrive_count, redriven_at), DELETE', tables: ['parked'] },
];
