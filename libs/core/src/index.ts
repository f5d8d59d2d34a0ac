export { humanBytes } from './bytes.ts';
export { systemClock, type Clock } from './clock.ts';
export { ConfigError, loadConfig, type ConfigOf, type Settings } from './config/load.ts';
export { Secret } from './config/secret.ts';
export * as setting from './config/settings.ts';
export type { Setting } from './config/settings.ts';
export { deferred, type Deferred } from './deferred.ts';
export { durationMs, humanDuration, isoDuration, shortDuration, type DurationString } from './duration.ts';
export {
  EbbError,
  ERROR_CODES,
  messageOf,
  RetryableError,
  SchemaViolationError,
  TerminalError,
  TimeoutError,
  type ErrorCode,
  type Violation,
} from './errors.ts';
export { derivedId, newId } from './ids.ts';
export { MAX_JSON_DEPTH, parseJson, type Json } from './json.ts';
export { valueAtPointer } from './json-pointer.ts';
export { silentLogger, type Logger } from './logger.ts';
export { orAborted } from './or-aborted.ts';
export { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
export { HttpProblem, problem, PROBLEM_CONTENT_TYPE, type Problem } from './problem.ts';
