import type { Server } from 'node:http';
import type { Logger } from '@ebb/core';
import { runtimeLogger } from '../logger.ts';
import type { OnProgress } from '../progress.ts';
import {
  listen,
  ProcessLedger,
  readWorkspaceConfig,
  StateDirectory,
  type WorkspaceConfig,
} from '../workspace/index.ts';
import type { StopStack } from './stop-stack.ts';

const DEFAULT_PORT = 8080;

/** The workspace that this runtime works on, alone, and cleared of what a killed predecessor left. */
export class Workspace {
  readonly state: StateDirectory;
  readonly config: WorkspaceConfig;
  readonly logger: Logger;
  readonly ledger: ProcessLedger;
  readonly #onProgress: OnProgress;

  private constructor(state: StateDirectory, config: WorkspaceConfig, onProgress: OnProgress) {
    this.state = state;
    this.config = config;
    this.logger = runtimeLogger(state.folder('logs'), onProgress);
    this.ledger = new ProcessLedger(state);
    this.#onProgress = onProgress;
  }

  /** @throws AlreadyRunningError · EbbError EBB_CONFIG */
  static claim(root: string, onProgress: OnProgress, stack: StopStack): Workspace {
    const config = readWorkspaceConfig(root);
    const state = new StateDirectory(root);
    state.claim();
    stack.push('the workspace', () => state.release());
    const workspace = new Workspace(state, config, onProgress);
    const orphans = workspace.ledger.endOrphans();
    if (orphans > 0) {
      const message = `ended ${orphans} process(es) that a killed predecessor left behind`;
      onProgress({ kind: 'note', message });
    }
    return workspace;
  }

  /** Listens on the port that was asked for, or on the default or the next free one, and says which. */
  async listen(server: Server, port: number | undefined): Promise<number> {
    const actual = await listen(server, port ?? DEFAULT_PORT, port !== undefined);
    if (port === undefined && actual !== DEFAULT_PORT) {
      this.#onProgress({ kind: 'note', message: `port ${DEFAULT_PORT} is taken; using ${actual}` });
    }
    return actual;
  }
}
