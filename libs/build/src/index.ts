export { findApps, type App } from './apps.ts';
export { BuildError } from './errors.ts';
export { buildService, type BuildOptions, type BuiltService } from './build.ts';
export { describeService } from './describe.ts';
export { watchService } from './watch.ts';
