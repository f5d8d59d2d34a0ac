import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findApps } from '@ebb/build';
import { textOf, workspace } from './workspace.ts';

const images = (...args: string[]): string =>
  execFileSync(process.execPath, [join(workspace, 'docker/images.mjs'), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TAG: '1' },
    stdio: 'pipe',
  });

describe('images', () => {
  it('are built of every service, and of the client that tests a release', async () => {
    const apps = (await findApps(workspace)).map(({ name }) => name);
    const all = [...apps, 'conformance'].sort();
    expect(images('--list').trim().split('\n')).toEqual(all.map((name) => `dev.local/ebb/${name}:1`));
  });

  it('are built of those that are asked for', () => {
    expect(images('--list', 'relay')).toBe('dev.local/ebb/relay:1\n');
    expect(() => images('--list', 'rely')).toThrow('no such service: rely (there are: accounts, conformance,');
    expect(() => images('--pull')).toThrow('there is no option --pull');
  });

  it('are named in one place for all at once', () => {
    const bake = textOf('docker/docker-bake.hcl');
    expect(bake).toContain('matrix     = { service = split(",", SERVICES) }');
    expect(bake).toContain('default = "linux/amd64,linux/arm64"');
    expect(bake).not.toMatch(/"(orders|inventory|relay)"/);
    expect(bake).toContain('rewrite-timestamp=true');
  });

  it('have the name that the chart looks for', () => {
    const [, registry] = /^ {2}registry: (\S+)$/m.exec(textOf('helm/ebb/values.yaml')) ?? [];
    expect(images('--list', 'relay')).toBe(`${String(registry)}/relay:1\n`);
  });
});

describe('the guide', () => {
  const guide = textOf('docs/guides/images.md');

  it('names every setting that there is, and no other', () => {
    const variables = [...textOf('docker/docker-bake.hcl').matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name);
    const rows = guide.split('\n').filter((line) => /^\| `[A-Z]/.test(line));
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(named.sort()).toEqual(variables.filter((name) => name !== 'SERVICES').sort());
  });

  it('gives commands that there are', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const used = [...guide.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(used.length).toBeGreaterThan(2);
    expect(used.filter((name) => !(name in scripts))).toEqual([]);
    expect(scripts.images).toBe('node docker/images.mjs');
  });
});
