/** Put in by the build: the package's version and a hash of the content. */
declare const EBB_BUILD_VERSION: string | undefined;

/** The version of the code that runs; `dev` when it was not built. */
export const CODE_VERSION: string = typeof EBB_BUILD_VERSION === 'string' ? EBB_BUILD_VERSION : 'dev';
