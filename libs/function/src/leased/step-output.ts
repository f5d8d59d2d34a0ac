import { messageOf, TerminalError } from '@ebb/core';

/** The journal is read at each run; what is larger belongs into a table or an object store. */
const MAX_OUTPUT_BYTES = 262_144;

/**
 * What a step gave, as the next run will see it: what JSON does not carry must not be there in the first run alone.
 * @throws TerminalError, naming the step
 */
export function outputOf<T>(step: string, value: T): T {
  const json = jsonOf(step, value);
  if (json === undefined) return null as T;
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_OUTPUT_BYTES) {
    throw new TerminalError(`step "${step}" gave ${bytes} bytes, at most ${MAX_OUTPUT_BYTES} are remembered`);
  }
  return JSON.parse(json) as T;
}

function jsonOf(step: string, value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new TerminalError(`step "${step}" gave what JSON cannot carry: ${messageOf(error)}`, { cause: error });
  }
}
