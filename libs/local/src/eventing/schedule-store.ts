/** Remembers when a PingSource ran last, so that runs missed while the runtime was down can be told. */
export interface ScheduleStore {
  lastRun(namespace: string, name: string): Promise<Date | undefined>;
  ran(namespace: string, name: string, at: Date): Promise<void>;
}
