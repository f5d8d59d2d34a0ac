import { durationMs } from '../duration.ts';
import { Secret } from './secret.ts';

/** How one setting is read from its environment variable. `T` is what the process sees. */
export interface Setting<T> {
  readonly kind: string;
  readonly description: string;
  readonly secret: boolean;
  readonly optional: boolean;
  readonly fallback: T | undefined;
  /** The service whose address it is: the platform that runs the process fills it in. */
  readonly service?: string;
  /** @throws Error whose message completes the sentence "NAME …" */
  parse(text: string): T;
}

interface Options<T> {
  /** What the setting is for; shown by `--describe` and in the reference. */
  description: string;
  default?: T;
}

type Defined<T> = Setting<T>;

function setting<T>(kind: string, options: Options<T>, parse: (text: string) => T, secret = false): Defined<T> {
  return { kind, description: options.description, secret, optional: false, fallback: options.default, parse };
}

/** Any text that is not empty. */
export const text = (options: Options<string>): Setting<string> => setting('text', options, (value) => value);

/** A whole number within bounds (both included). */
export function integer(options: Options<number> & { min?: number; max?: number }): Setting<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  return setting('integer', options, (value) => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || number < min || number > max) {
      throw new Error(`must be a whole number from ${min} to ${max}`);
    }
    return number;
  });
}

/** A TCP port; 0 asks the system for a free one. */
export const port = (options: Options<number>): Setting<number> => ({
  ...integer({ ...options, min: 0, max: 65_535 }),
  kind: 'port',
});

export const flag = (options: Options<boolean>): Setting<boolean> =>
  setting('flag', options, (value) => {
    if (value !== 'true' && value !== 'false') throw new Error('must be true or false');
    return value === 'true';
  });

/** One of a few words. */
export const choice = <const T extends string>(choices: readonly T[], options: Options<NoInfer<T>>): Setting<T> =>
  setting('choice', options, (value) => {
    const found = choices.find((word) => word === value);
    if (!found) throw new Error(`must be one of ${choices.join(', ')}`);
    return found;
  });

/** A duration such as 10s; the process sees milliseconds. */
export const duration = (options: Options<number>): Setting<number> => setting('duration', options, durationMs);

/** Words separated by commas. */
export const list = (options: Options<readonly string[]>): Setting<readonly string[]> =>
  setting('list', options, (value) =>
    value
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  );

/** An absolute URL. */
export const url = (options: Options<string>): Setting<string> =>
  setting('url', options, (value) => {
    if (!URL.canParse(value)) throw new Error('must be an absolute URL');
    return value;
  });

/** The address of another service of the workspace, by its name; the platform fills it in, locally and in a cluster. */
export const service = (name: string, options: Omit<Options<string>, 'default'>): Setting<string> => ({
  ...url(options),
  kind: 'service',
  service: name,
});

/** A value that never appears in logs, errors or `--describe`. */
export const secret = (options: Omit<Options<Secret>, 'default'>): Setting<Secret> =>
  setting<Secret>('secret', options, (value) => new Secret(value), true);

const KEY_BYTES = 32;

/** A secret of 32 random bytes in base64, as `openssl rand -base64 32` gives it: what other keys are derived from, or that encrypts. */
export const key = (options: Omit<Options<Secret>, 'default'>): Setting<Secret> => ({
  ...secret(options),
  kind: 'key',
  parse: (value) => {
    const isKey = /^[\w+/-]+=*$/.test(value) && Buffer.from(value, 'base64').length === KEY_BYTES;
    if (!isKey)
      throw new Error(`must be ${KEY_BYTES} bytes in base64, such as \`openssl rand -base64 ${KEY_BYTES}\` gives`);
    return new Secret(value);
  },
});

/** The same setting, but the process can do without it. */
export function optional<T>(inner: Setting<T>): Setting<T | undefined> {
  return { ...inner, optional: true };
}
