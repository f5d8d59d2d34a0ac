export type { Artifact, Serving, ServingRequest, ServingResponse, ServiceState, ServiceStatus } from './serving.ts';
