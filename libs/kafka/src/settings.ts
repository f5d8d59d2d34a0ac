import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, setting, type Settings } from '@ebb/core';
import { kafkaUrl } from './connection/kafka-url.ts';
import { mavenRepository } from './embedded/maven.ts';

const CREDENTIALS = {
  KAFKA_USERNAME: setting.optional(setting.text({ description: 'who to be for Kafka' })),
  KAFKA_PASSWORD: setting.optional(setting.secret({ description: 'the password for Kafka' })),
} as const satisfies Settings;

const SOURCES = {
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

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The address of a Kafka in full: with what KAFKA_USERNAME and KAFKA_PASSWORD say, because a command line is no place for a password.
 * @throws ConfigError · EbbError EBB_CONFIG
 */
export function kafkaUrlOf(address: string, environment: Environment): string {
  const { KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = loadConfig(CREDENTIALS, environment);
  return kafkaUrl(address, { username, password: password?.reveal() });
}

/** @throws ConfigError */
export function kafkaSources(environment: Environment): KafkaSources {
  const { JAVA_HOME, MAVEN_REPO_URL, XDG_CACHE_HOME } = loadConfig(SOURCES, environment);
  const home = homedir();
  return {
    javaHome: JAVA_HOME,
    repository: mavenRepository({ url: MAVEN_REPO_URL, home }),
    cache: join(XDG_CACHE_HOME ?? join(home, '.cache'), 'ebb'),
  };
}
