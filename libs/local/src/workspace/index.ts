export { readWorkspaceConfig, type WorkspaceConfig } from './config.ts';
export { listen } from './listen.ts';
export { ProcessLedger } from './process-ledger.ts';
export { StateDirectory, type RunningRuntime } from './state.ts';
