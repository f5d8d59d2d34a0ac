import { existsSync, rmSync } from 'node:fs';
import { removePostgres } from '@ebb/embedded-postgres';
import { StateDirectory } from './state.ts';

/**
 * Deletes what the local runtime keeps for a workspace.
 * @returns the folders that were deleted
 * @throws AlreadyRunningError while a runtime works there
 */
export function resetWorkspace(root: string): readonly string[] {
  const state = new StateDirectory(root);
  if (!existsSync(state.path)) return [];
  state.claim();
  // Of a server that runs as another user, the data may be elsewhere.
  removePostgres(state.folder('postgres'));
  rmSync(state.path, { recursive: true, force: true });
  return [state.path];
}
