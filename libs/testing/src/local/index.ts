export {
  Ebb,
  httpRequest,
  runCli,
  type CommandResult,
  type EbbOptions,
  type HttpOptions,
  type HttpResult,
} from './ebb.ts';
export { copyWorkspace, type WorkspaceCopy, type WorkspaceCopyOptions } from './workspace.ts';
