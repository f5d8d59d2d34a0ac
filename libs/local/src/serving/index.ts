export { createServing, type ServingOptions } from './local-serving.ts';
export type { Artifact, Serving } from './serving.ts';
