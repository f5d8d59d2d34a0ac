/**
 * A place on the way from the receipt of an event to its answer where a process may die. In the order in which they are passed; which of them are
 * depends on what the function does.
 */
export type CrashPoint =
  | 'received'
  /** Transactional: the inbox row is written, not committed. */
  | 'claimed'
  /** Leased: the lease is taken. */
  | 'leased'
  /** Leased: a step is about to happen. */
  | 'step-intent'
  /** Leased: a step's effect happened, and nobody wrote it down. */
  | 'step-effect'
  | 'step-output'
  /** Leased: the lease was given back until the delivery is woken. */
  | 'suspended'
  | 'handled'
  /** Everything is written; of a leased function, everything of one of its transactions. */
  | 'before-commit'
  | 'after-commit'
  /** Leased: everything that belongs to the end of the handler is written, not committed. */
  | 'before-finish'
  | 'after-finish'
  | 'before-answer';

/** Called at each point that a delivery passes, with the step's name where there is one; it goes on when this has resolved. */
export type OnCrashPoint = (point: CrashPoint, step?: string) => void | Promise<void>;
