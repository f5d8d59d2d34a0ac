/** A PingSource at one moment. Counts are since the start of the runtime. */
export interface PingStatus {
  readonly namespace: string;
  readonly name: string;
  readonly schedule: string;
  readonly next?: Date;
  readonly sent: number;
  readonly failed: number;
  /** Runs that were due while the runtime was down or asleep. */
  readonly missed: number;
}
