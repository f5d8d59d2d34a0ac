// What a client of a running runtime needs: no database, no servers, so that a command starts quickly.
export {
  CONTROL_PATH,
  type CatalogueReport,
  type CircuitReport,
  type LagReport,
  type LagRequest,
  type OperatorReport,
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
export {
  DEAD_REASONS,
  type DeadCounts,
  type DeadDetail,
  type DeadFilter,
  type DeadPage,
  type DeadReason,
  type DeadSummary,
  type DryRunReport,
  type EditReceipt,
  type EditRequest,
  type RedrivePage,
  type RedriveRequest,
  type RedriveResult,
} from './control/dead-api.ts';
export { ControlClient, type ControlRequest, type ControlTransport } from './control/control-client.ts';
export {
  renderQuery,
  tailQuery,
  type RenderTrace,
  type TailFilter,
  type Target,
  type DeadClient,
} from './control/target.ts';
export { createSchemaCheck, type SchemaCheck } from './eventing/schema-check.ts';
export { findWorkspace } from './workspace/config.ts';
export { AlreadyRunningError, StateDirectory, type RunningRuntime } from './workspace/state.ts';
