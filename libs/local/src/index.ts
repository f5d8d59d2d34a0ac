export * from './client.ts';
export type { OnProgress, Progress } from './progress.ts';
export { startLocal, type LocalOptions, type LocalRuntime } from './runtime.ts';
export { resetWorkspace } from './workspace/reset.ts';
