import type { ServiceDefinition } from './definition/service.ts';
import type { WorkerDefinition } from './definition/worker.ts';

/** Runs a service or a worker as this process. */
export declare function serve(definition: ServiceDefinition | WorkerDefinition): void;
