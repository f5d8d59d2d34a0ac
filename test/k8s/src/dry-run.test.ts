import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runScript } from './scripts.fixture.ts';

const GOLDEN = join(import.meta.dirname, 'golden');

/** Times, and what depends on which services there are: no business of the scripts. */
const withoutNames = (output: string): string =>
  output
    .replaceAll(/ \(\d+m\d+s\)$/gm, '')
    .replaceAll(/(dev\.local\/ebb\/)(?!conformance)[\w-]+:/g, '$1<app>:')
    .replaceAll(/(dev\.local\/ebb\/\S+|…):\d+\.\d+\.\d+|TAG=\S+/g, (text) => text.replace(/\d+\.\d+\.\d+$/, '<tag>'))
    .replace(/(with: admin-url) .*/, '$1 <roles>')
    .replace(/(ebb-settings in ebb with:) .*/, '$1 <settings>')
    .replaceAll(/(come to |service\/)(?!jaeger)[\w-]+(:| 8000:80)/g, '$1<worker>$2')
    .replaceAll(/^(.*)\n(?:\1\n)+/gm, '$1\n');

/** What each command would do, in full, to be read when it changes: EBB_UPDATE_GOLDEN=1 writes it anew. */
describe('a dry run', () => {
  it.each([
    ['kind.sh up', 'kind-up'],
    ['kind.sh up --without postgres,kafka', 'kind-up-without'],
    ['kind.sh down', 'kind-down'],
    ['minikube.sh up', 'minikube-up'],
    ['minikube.sh down', 'minikube-down'],
    ['install.sh up --context prod', 'install-up'],
    ['images.sh kind', 'images-kind'],
    ['images.sh minikube', 'images-minikube'],
  ])('of %s prints every command, and needs nothing', async (line, name) => {
    // No docker, no kubectl, no cluster: what is on the path is what every machine has.
    const { code, output } = await runScript(`${line} --dry-run`, { path: '/usr/bin:/bin' });
    expect(code).toBe(0);
    const file = join(GOLDEN, `${name}.txt`);
    const told = withoutNames(output);
    if (process.env.EBB_UPDATE_GOLDEN === '1') {
      mkdirSync(GOLDEN, { recursive: true });
      writeFileSync(file, told);
    }
    expect(told).toBe(readFileSync(file, 'utf8'));
  });
});
