import { EbbError } from '../errors.ts';
import type { Setting } from './settings.ts';

/** Environment variable → how it is read. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** What the process sees of its settings: the same names, typed. */
export type ConfigOf<S extends Settings> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never;
};

/** The settings do not hold; `problems` has a line for each, and the message has them all. */
export class ConfigError extends EbbError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      'EBB_CONFIG',
      `the configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a process's settings from its environment, all of them, and reports all problems at once.
 * An empty variable counts as absent, as in a Kubernetes manifest with an unset value. A secret's value is in no message.
 * @throws ConfigError
 */
export function loadConfig<S extends Settings>(settings: S, env: Environment): ConfigOf<S> {
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    try {
      config[name] = read(setting, env[name]);
    } catch (error) {
      problems.push(problemOf(name, setting, env[name], error as Error));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config) as ConfigOf<S>;
}

function read(setting: Setting<unknown>, value: string | undefined): unknown {
  if (value !== undefined && value !== '') return setting.parse(value);
  if (setting.fallback !== undefined || setting.optional) return setting.fallback;
  throw new Error('is required');
}

function problemOf(name: string, setting: Setting<unknown>, value: string | undefined, error: Error): string {
  const given = value && !setting.secret ? ` (it is "${value.slice(0, 80)}")` : '';
  return `${name} ${error.message}${given}: ${setting.description}`;
}
