export interface BuildOptions {
  /** The workspace, absolute. */
  readonly root: string;
  /** The folder of the app: absolute, or relative to the workspace. */
  readonly app: string;
  /** Where the files go: absolute, or relative to the workspace. */
  readonly outdir: string;
  /** Also make V8's code cache: costs one start of the service, and saves more at each later one. */
  readonly codeCache?: boolean;
}

/** A service that is ready to run with `node <main>`. */
export interface BuiltService {
  readonly name: string;
  readonly directory: string;
  /** The file to run with node. */
  readonly main: string;
  /** Of everything that runs: the same hash, the same behaviour. */
  readonly hash: string;
  /** The folder of the service's SQL files, where it has one. */
  readonly migrations?: string;
}

/** @throws BuildError */
export declare function buildService(options: BuildOptions): Promise<BuiltService>;
