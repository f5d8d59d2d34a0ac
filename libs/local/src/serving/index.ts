export { RevisionFailedError } from './errors.ts';
export { createServing, type ServingOptions } from './local-serving.ts';
export { killOrphans } from './process-group.ts';
export type { LogLine, ProcessRecord } from './service-process.ts';
export type { Artifact, Serving, ServingRequest, ServingResponse, ServiceState, ServiceStatus } from './serving.ts';
