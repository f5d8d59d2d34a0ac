// What a client of a running runtime needs: no database, no servers, so that a command starts quickly.
export {
  CONTROL_PATH,
  type CatalogueReport,
  type ProblemReport,
  type PublishReceipt,
  type PublishRequest,
  type ServiceReport,
  type StatusReport,
  type TailEvent,
  type TopicReport,
  type TraceReport,
  type TrapReport,
  type TriggerReport,
} from './control/api.ts';
export { findWorkspace } from './workspace/config.ts';
export { AlreadyRunningError, StateDirectory, type RunningRuntime } from './workspace/state.ts';
