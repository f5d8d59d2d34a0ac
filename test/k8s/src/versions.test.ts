import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './scripts.fixture.ts';

const VERSIONS = Object.fromEntries(
  readFileSync(join(ROOT, 'k8s/versions.env'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', value = ''] = /^([A-Z_]+)=([\w.@:/-]+)$/.exec(line) ?? [];
      return [name, value];
    }),
);

/** How documents write them: the name of a thing, and its version right behind it. */
const WRITTEN: Readonly<Record<string, RegExp>> = {
  KNATIVE_SERVING_VERSION: /\bKnative Serving v?(\d+\.\d+(?:\.\d+)?)/g,
  KNATIVE_EVENTING_VERSION: /\bKnative Eventing v?(\d+\.\d+(?:\.\d+)?)/g,
  NET_KOURIER_VERSION: /\b(?:net-)?kourier v?(\d+\.\d+(?:\.\d+)?)/g,
  EVENTING_KAFKA_BROKER_VERSION: /\b(?:eventing-kafka-broker|Kafka broker(?: of Knative)?) v?(\d+\.\d+(?:\.\d+)?)/g,
  STRIMZI_VERSION: /\bStrimzi v?(\d+\.\d+(?:\.\d+)?)/g,
  JAEGER_VERSION: /\bJaeger v?(\d+\.\d+(?:\.\d+)?)/g,
  KIND_VERSION: /\bkind v?(\d+\.\d+\.\d+)/g,
};

const documents = [
  'README.md',
  'k8s/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

describe('versions.env', () => {
  it('has a plain value on each line', () => {
    expect(Object.keys(VERSIONS)).not.toContain('');
    expect(Object.keys(VERSIONS)).toEqual(expect.arrayContaining(Object.keys(WRITTEN)));
    expect(VERSIONS.KIND_NODE_IMAGE).toMatch(/^kindest\/node:v[\d.]+@sha256:[0-9a-f]{64}$/);
    expect(VERSIONS.KIND_NODE_IMAGE).toContain(`:v${VERSIONS.KUBERNETES_VERSION ?? ''}@`);
    expect(VERSIONS.KAFKA_METADATA_VERSION).toMatch(
      new RegExp(`^${(VERSIONS.KAFKA_VERSION ?? '').split('.', 2).join('\\.')}-IV\\d+$`),
    );
  });

  it('says what k8s/README.md says', () => {
    const readme = readFileSync(join(ROOT, 'k8s/README.md'), 'utf8');
    for (const name of ['KUBERNETES', 'KAFKA', 'POSTGRES', 'STRIMZI', 'JAEGER', 'KNATIVE_SERVING', 'KIND']) {
      expect([name, readme]).toEqual([name, expect.stringContaining(VERSIONS[`${name}_VERSION`] ?? '?')]);
    }
  });

  it.each(documents)('is what %s means', (name) => {
    const text = beforeHistory(readFileSync(join(ROOT, name), 'utf8'));
    const wrong = Object.entries(WRITTEN).flatMap(([variable, pattern]) =>
      [...text.matchAll(pattern)]
        // Who writes 1.23 means any 1.23.
        .filter(([, version = '']) => !`${VERSIONS[variable] ?? ''}.`.startsWith(`${version}.`))
        .map(([written]) => `${written}, but ${variable}=${VERSIONS[variable] ?? ''}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the scripts', () => {
  it('take every version from there', () => {
    const files = readdirSync(join(ROOT, 'k8s'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(sh|yaml)$/.test(name),
    );
    const strays = files.filter((name) =>
      /(?<![\d.])v?\d+\.\d+\.\d+(?![\d.])/.test(
        readFileSync(join(ROOT, 'k8s', name), 'utf8').replaceAll(/(127|0)\.0\.0\.[01]/g, ''),
      ),
    );
    expect(strays).toEqual([]);
  });
});

/** What something was tried on once stays what it was. */
function beforeHistory(text: string): string {
  return text.split('\n## What it was tried on\n')[0] ?? '';
}
