export {
  httpClient,
  type HttpCall,
  type HttpClient,
  type HttpClientOptions,
  type HttpReply,
} from './calling/http-client.ts';
export type { After, AfterOptions, Cancel, Emit, EmitOptions, Filter, Incoming } from './definition/event-types.ts';
export {
  defineFunction,
  type FunctionContext,
  type FunctionDefinition,
  type FunctionOptions,
  type LeasedFunctionDefinition,
  type LeasedFunctionOptions,
  type RetryOptions,
  type TransactionalFunctionDefinition,
} from './definition/function.ts';
export type {
  CircuitOptions,
  LeasedContext,
  LeasedTransaction,
  StepCall,
  StepOptions,
  Verified,
  WaitOptions,
} from './definition/leased.ts';
export type { Access, Caller } from './definition/route-access.ts';
export type { AnswerOptions, AnswersOptions } from './definition/route-answers.ts';
export type {
  CacheOptions,
  LimitOptions,
  RouteContext,
  RouteOptions,
  RouteRequest,
  RouteTransaction,
} from './definition/route-options.ts';
export { defineRoute, type RouteDefinition } from './definition/route.ts';
export type { IdentityDefinition } from './definition/service-routes.ts';
export { defineSchedule, type ScheduleDefinition, type ScheduleOptions } from './definition/schedule.ts';
export { defineService, type ScaleOptions, type ServiceDefinition, type ServiceOptions } from './definition/service.ts';
export type { ListenAddress, WorkerDatabase, WorkerNeeds } from './definition/worker-needs.ts';
export { defineWorker, type WorkerContext, type WorkerDefinition, type WorkerOptions } from './definition/worker.ts';
export { createHandler, type HandlerDependencies } from './serving/handler.ts';
export { Metrics, type Metric } from './process/metrics.ts';
export { serve } from './serve.ts';
export {
  doubtAbout,
  signedHeaders,
  type WebhookCheck,
  type WebhookDoubt,
  type WebhookHeaders,
} from './webhooks/webhook-signature.ts';
