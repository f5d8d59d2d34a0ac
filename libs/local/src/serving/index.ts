export { createServing, type ServingOptions } from './local-serving.ts';
export { killOrphans } from './process-group.ts';
export type { Artifact, Serving } from './serving.ts';
