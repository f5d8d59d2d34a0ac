/** The file that `node` runs. */
export const MAIN_FILE = 'service.cjs';
export const BUNDLE_FILE = 'bundle.cjs';
export const CACHE_FILE = 'bundle.cache';

/** Set to a file: the loader writes V8's code cache there when the process exits. */
export const MAKE_CACHE_VARIABLE = 'EBB_MAKE_CODE_CACHE';
/** Set to anything: the loader prints whether V8 takes the code cache, and runs nothing. */
export const CHECK_CACHE_VARIABLE = 'EBB_CHECK_CODE_CACHE';

const MAX_WARM_UP_MS = 120_000;

/**
 * What stands before the compiled code in the cache file. V8 itself compares no more of the source than its length, so
 * without this an old cache could run old code.
 */
export const cacheTag = (hash: string): string => hash.padEnd(16, '-').slice(0, 16);

/**
 * The loader: runs the bundle as Node would run it, but through a script that takes V8's code cache. It is small
 * because it is compiled at each start. The bundle is a function as Node would make one of a module, and ASCII, so it is read as Latin-1: half the memory, no decoding.
 */
export function loaderSource(hash: string): string {
  return `'use strict';
const { readFileSync, writeFileSync, renameSync } = require('node:fs');
const { Script } = require('node:vm');
const tag = '${cacheTag(hash)}';
const filename = __dirname + '/${BUNDLE_FILE}';
let cachedData;
try {
  const file = readFileSync(__dirname + '/${CACHE_FILE}');
  if (file.latin1Slice(0, 16) === tag) cachedData = file.subarray(16);
} catch {}
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
const { ${MAKE_CACHE_VARIABLE}: target, ${CHECK_CACHE_VARIABLE}: check } = process.env;
if (check) {
  console.log(cachedData === undefined ? 'absent' : script.cachedDataRejected ? 'rejected' : 'accepted');
} else {
  if (target) {
    // Whoever builds ends it long before; a builder that was killed cannot.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${MAX_WARM_UP_MS}).unref();
    process.on('exit', () => {
      writeFileSync(target + '.part', Buffer.concat([Buffer.from(tag, 'latin1'), script.createCachedData()]));
      renameSync(target + '.part', target);
    });
  }
  script.runInThisContext().call(exports, exports, require, module, filename, __dirname);
}
`;
}
