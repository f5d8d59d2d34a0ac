// Downloads the Kafka that tests and `ebb up --kafka embedded` start, ahead of time. Where only Maven gets through to a repository, Maven does it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const outdir = join(workspace, 'tmp/run/fetch-kafka');
await bundle(join(workspace, 'libs/kafka/src/index.ts'), outdir);
const { ensureJars, jarFolder, kafkaSources, KAFKA_VERSION } = await import(pathToFileURL(join(outdir, 'index.mjs')));

const sources = kafkaSources(process.env);
const onDownload = (jars) =>
  console.log(`downloading Kafka ${KAFKA_VERSION} (${jars} files) from ${sources.repository}`);
try {
  await ensureJars({ ...sources, onDownload });
} catch (error) {
  console.log(`${error.message}\ntrying with Maven`);
  copyWithMaven(jarFolder(sources.cache));
  // Whoever brought them: each file is held against the list.
  await ensureJars({ ...sources, onDownload });
}
console.log(`Kafka ${KAFKA_VERSION} is in ${jarFolder(sources.cache)}`);

function copyWithMaven(folder) {
  const directory = join(workspace, 'tmp/fetch-kafka');
  mkdirSync(directory, { recursive: true });
  const dependency = (groupId, artifactId, version) =>
    `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`;
  writeFileSync(
    join(directory, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>ebb</groupId><artifactId>fetch-kafka</artifactId><version>1</version><dependencies>
${dependency('org.apache.kafka', 'kafka_2.13', KAFKA_VERSION)}
${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}
</dependencies></project>
`,
  );
  const goal = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  spawnSync('mvn', goal, { cwd: directory, stdio: 'inherit', timeout: 300_000 });
}
