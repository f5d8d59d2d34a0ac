/** What a start and a running runtime have to say to the person at the terminal. */
export type Progress =
  /** A step of the start; with a duration it is done. */
  | { readonly kind: 'step'; readonly label: string; readonly durationMs?: number }
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'warning'; readonly message: string }
  /** A line that a service wrote and that a person should see now; the rest is in `.ebb/logs`. */
  | { readonly kind: 'log'; readonly service: string; readonly line: string };

export type OnProgress = (progress: Progress) => void;

/** Runs one step of the start, telling when it begins and how long it took. */
export async function step<T>(onProgress: OnProgress, label: string, run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  onProgress({ kind: 'step', label });
  const result = await run();
  onProgress({ kind: 'step', label, durationMs: performance.now() - startedAt });
  return result;
}
