import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@ebb/core';
import { USAGE, withOptions } from './options.ts';
import { openTarget } from './open-target.ts';
import { parseScenario, SHOP } from './scenario.ts';
import { SETTINGS } from './settings.ts';

describe('the command line', () => {
  it('completes the environment, and wins over it', () => {
    const args = [
      '--target',
      'http://localhost:8080',
      '--kafka',
      'localhost:9092',
      '--attempts',
      '3',
      '--timeout',
      '90s',
    ];
    const config = loadConfig(SETTINGS, withOptions(args, { TIMEOUT: '1s', NAMESPACE: 'shop' }));
    expect(config).toMatchObject({
      TARGET_URL: 'http://localhost:8080',
      ATTEMPTS: 3,
      TIMEOUT: 90_000,
      NAMESPACE: 'shop',
    });
    expect(config.KAFKA_URL?.reveal()).toBe('kafka://localhost:9092');
  });

  it('reads a scenario from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ebb-scenario-'));
    try {
      writeFileSync(join(folder, 'shop.json'), JSON.stringify(SHOP));
      const { SCENARIO = '' } = withOptions(['--scenario', join(folder, 'shop.json')], {});
      expect(parseScenario(SCENARIO)).toEqual(SHOP);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    [['--targt', 'x'], "Unknown option '--targt'"],
    [['--scenario', '/nowhere.json'], /--scenario: .*ENOENT/],
    [['up'], 'Unexpected argument'],
  ])('refuses %j', (args, said) => {
    expect(() => withOptions(args, {})).toThrow(said);
  });

  it('is explained, each option with its variable', () => {
    for (const name of ['TARGET_URL', 'KAFKA_URL', 'INGRESS_URL', 'JAEGER_URL', 'TIMEOUT', 'ATTEMPTS', 'SCENARIO']) {
      expect(USAGE).toContain(name);
    }
  });
});

describe('a cluster', () => {
  it('has to be said in full', async () => {
    const config = loadConfig(SETTINGS, { INGRESS_URL: 'http://ingress' });
    await expect(async () => openTarget(config)).rejects.toThrow(/KAFKA_URL is missing.*JAEGER_URL is missing/s);
  });
});

describe('a scenario', () => {
  it.each([
    ['{', 'the scenario is no JSON'],
    ['{"event":{"type":"a","topic":"b","data":{}},"chain":[]}', '/chain'],
    ['{"event":{"type":"a","data":{}},"chain":[]}', '/event/topic'],
    [JSON.stringify({ ...SHOP, chian: [] }), 'chian'],
  ])('is refused when it cannot be: %s', (text, said) => {
    expect(() => parseScenario(text)).toThrow(said);
  });
});

describe('the pod of `helm test`', () => {
  it('gives no variable that is not a setting, and all that a cluster needs', () => {
    const template = readFileSync(
      join(import.meta.dirname, '../../../../helm/ebb/templates/tests/conformance.yaml'),
      'utf8',
    );
    const given = [...template.matchAll(/- name: ([A-Z_]+)$/gm)].map(([, name = '']) => name);
    expect(given.filter((name) => !Object.hasOwn(SETTINGS, name))).toEqual([]);
    expect(given).toEqual(
      expect.arrayContaining(['INGRESS_URL', 'KAFKA_URL', 'JAEGER_URL', 'NAMESPACE', 'NAME_PREFIX']),
    );
  });
});
