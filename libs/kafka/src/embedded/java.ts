import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EbbError } from '@ebb/core';

const MINIMUM = 17;
const VERSION = /^\s*java\.specification\.version = (\d+)/m;
const HOME = /^\s*java\.home = (.+)$/m;
const INSTALL: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'sudo apt-get install -y openjdk-17-jre-headless',
  darwin: 'brew install openjdk@17',
  win32: 'winget install EclipseAdoptium.Temurin.17.JRE',
};

/**
 * The program of a Java that Kafka runs on: that of JAVA_HOME, or the first of the path.
 * @throws EbbError EBB_RUNTIME with what to install
 */
export async function findJava(javaHome: string | undefined): Promise<string> {
  const command = javaHome === undefined ? 'java' : join(javaHome, 'bin/java');
  const java = await ask(command);
  if (java && java.version >= MINIMUM) return join(java.home, 'bin/java');
  const found = java ? `this one is ${java.version}` : 'there is none';
  const install = INSTALL[process.platform] ?? 'https://adoptium.net';
  throw new EbbError(
    'EBB_RUNTIME',
    `the embedded Kafka needs Java ${MINIMUM} or later, and ${found}: install it (${install}), or give the address of a Kafka`,
  );
}

interface Java {
  readonly version: number;
  readonly home: string;
}

async function ask(command: string): Promise<Java | undefined> {
  try {
    // It answers where errors go.
    const { stderr } = await promisify(execFile)(command, ['-XshowSettings:properties', '-version']);
    const [version, home] = [VERSION.exec(stderr)?.[1], HOME.exec(stderr)?.[1]];
    // Java 8 says 1.8.
    return version === undefined || home === undefined ? undefined : { version: Number(version), home: home.trim() };
  } catch {
    return undefined;
  }
}
