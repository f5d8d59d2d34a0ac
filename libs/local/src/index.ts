export * from './client.ts';
export { startPostgres, type EmbeddedPostgres } from './postgres/index.ts';
export type { OnProgress, Progress } from './progress.ts';
export { startLocal, type LocalOptions, type LocalRuntime } from './runtime.ts';
