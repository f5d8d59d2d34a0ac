export { findApps, type App } from './apps.ts';
export { buildService } from './build.ts';
export { makeCodeCache } from './code-cache.ts';
export { describeService } from './describe.ts';
export { BuildError, type BuildProblem } from './errors.ts';
export type { BuildOptions } from './options.ts';
export type { BuiltService } from './output.ts';
export { bundleReport, type BundleReport } from './report.ts';
export { watchService } from './watch.ts';
