import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, setting, type Settings } from '@ebb/core';
import { mavenRepository } from './maven.ts';

const SETTINGS = {
  JAVA_HOME: setting.optional(setting.text({ description: 'the Java that the embedded Kafka runs on' })),
  MAVEN_REPO_URL: setting.optional(setting.text({ description: 'the Maven repository that Kafka is downloaded from' })),
  XDG_CACHE_HOME: setting.optional(setting.text({ description: 'where downloads are kept' })),
} as const satisfies Settings;

/** What the embedded Kafka is made of, as the environment says. */
export interface KafkaSources {
  readonly javaHome: string | undefined;
  readonly repository: string;
  /** The folder for downloads. */
  readonly cache: string;
}

/** @throws ConfigError */
export function kafkaSources(environment: Readonly<Record<string, string | undefined>>): KafkaSources {
  const { JAVA_HOME, MAVEN_REPO_URL, XDG_CACHE_HOME } = loadConfig(SETTINGS, environment);
  const home = homedir();
  return {
    javaHome: JAVA_HOME,
    repository: mavenRepository({ url: MAVEN_REPO_URL, home }),
    cache: join(XDG_CACHE_HOME ?? join(home, '.cache'), 'ebb'),
  };
}
