import type {
  AsideDiscarded,
  AsideRedriven,
  Discarded,
  Edit,
  Edited,
  ListOptions,
  ParkedCounts,
  ParkedEvent,
  ParkedFilter,
  ParkedSummary,
  Redriven,
  RedriveOptions,
} from '@ebb/postgres/parked';

/** What came of sending one again: a keeper that delivers by itself knows at once. */
export interface KeeperRedriven {
  readonly id: string;
  readonly outcome:
    Redriven['outcome'] | AsideRedriven['outcome'] | 'done' | 'failed-again' | 'no-event' | 'no-destination';
  readonly redrives: number;
  readonly message?: string;
}

export interface KeeperEdited extends Omit<Edited, 'outcome'> {
  readonly outcome: Edited['outcome'] | 'failed-again' | 'no-event' | 'no-destination' | 'not-published';
  readonly message?: string;
}

export type KeeperDiscarded = Discarded | AsideDiscarded;

/** Keeps events that did not take effect: a service's own table, or the platform's. */
export interface Keeper {
  /** What its ids begin with. */
  readonly name: string;
  /** Whose they are. */
  readonly service: string;
  /** What the function of one of its rows is called among all. */
  targetOf(fn: string): string;
  list(options: ListOptions): Promise<readonly ParkedSummary[]>;
  count(filter: ParkedFilter): Promise<ParkedCounts>;
  show(row: string): Promise<ParkedEvent | undefined>;
  redrive(row: string, options: RedriveOptions): Promise<KeeperRedriven>;
  /** The next rows that match, the oldest first. */
  next(filter: ParkedFilter, after: string, limit: number): Promise<readonly string[]>;
  edit(row: string, edit: Edit): Promise<KeeperEdited>;
  discard(row: string, note: string): Promise<KeeperDiscarded>;
}
