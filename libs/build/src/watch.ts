import type { BuildOptions, BuiltService } from './build.ts';
import type { BuildError } from './errors.ts';

export declare function watchService(
  options: BuildOptions,
  onBuild: (result: BuiltService | BuildError) => void,
): Promise<{ stop(): Promise<void> }>;
