import { existsSync, rmSync } from 'node:fs';
import { EbbError } from '@ebb/core';
import { StateDirectory } from './state.ts';

/**
 * Deletes what the local runtime keeps for a workspace.
 * @returns the folders that were deleted
 * @throws EbbError EBB_USAGE while a runtime works there
 */
export function resetWorkspace(root: string): readonly string[] {
  const state = new StateDirectory(root);
  if (!existsSync(state.path)) return [];
  state.claim();
  const folders = [state.path];
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  return folders;
}
