import { EbbError, MAX_JSON_DEPTH } from '@ebb/core';

/** The journal is read at each run; what is larger belongs into a table or an object store. */
const MAX_OUTPUT_BYTES = 262_144;

/**
 * What a step gave, as each later run will see it. What JSON does not carry as it is (a Date, a bigint, an instance of a class) is refused: the first
 * run would see something else than those after it.
 * @throws EbbError EBB_TERMINAL, naming the step and the place
 */
export function outputOf<T>(step: string, value: T): T {
  if (value === undefined) return value;
  const misfit = misfitIn(value, '', 0);
  if (misfit) throw refused(step, `${misfit.path === '' ? '' : `at ${misfit.path} `}${misfit.what}`);
  const json = JSON.stringify(value);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_OUTPUT_BYTES) throw refused(step, `${bytes} bytes, and at most ${MAX_OUTPUT_BYTES} are remembered`);
  return JSON.parse(json) as T;
}

/** No TerminalError, which would mean that the effect did not happen: it did, and its step stays begun. */
function refused(step: string, what: string): EbbError {
  return new EbbError('EBB_TERMINAL', `step "${step}" gave ${what}`);
}

interface Misfit {
  /** A JSON Pointer. */
  readonly path: string;
  readonly what: string;
}

function misfitIn(value: unknown, path: string, depth: number): Misfit | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : { path, what: `${value}, which JSON lacks` };
  if (typeof value !== 'object') return { path, what: `a ${typeof value}, which JSON does not carry` };
  if (depth === MAX_JSON_DEPTH) return { path, what: `something nested more than ${MAX_JSON_DEPTH} deep` };
  if (Array.isArray(value)) return firstMisfit([...(value as unknown[]).entries()], path, depth);
  if (!isPlain(value)) {
    return { path, what: `an instance of ${value.constructor.name}, which JSON does not carry as it is` };
  }
  // A field that is undefined and one that is not there are the same.
  return firstMisfit(
    Object.entries(value).filter(([, field]) => field !== undefined),
    path,
    depth,
  );
}

/** Whatever realm it comes from: a plain object's prototype is the last one. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function firstMisfit(
  entries: readonly (readonly [string | number, unknown])[],
  path: string,
  depth: number,
): Misfit | undefined {
  for (const [name, value] of entries) {
    const token = String(name).replaceAll('~', '~0').replaceAll('/', '~1');
    const misfit = misfitIn(value, `${path}/${token}`, depth + 1);
    if (misfit) return misfit;
  }
  return undefined;
}
