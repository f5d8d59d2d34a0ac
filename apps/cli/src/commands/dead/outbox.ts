/** Whether an event was put aside before it was published, so that no function has seen it. */
export function isOfOutbox(id: string): boolean {
  return /\.outbox:\d+$/.test(id);
}
