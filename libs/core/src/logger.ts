/** The part of a pino logger that libraries use; @ebb/telemetry makes one. */
export interface Logger {
  debug(fields: object, message?: string): void;
  debug(message: string): void;
  info(fields: object, message?: string): void;
  info(message: string): void;
  warn(fields: object, message?: string): void;
  warn(message: string): void;
  error(fields: object, message?: string): void;
  error(message: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: object): Logger;
}

const ignore = (): void => undefined;

/** Says nothing: for tests, and where a caller has no logger. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};
