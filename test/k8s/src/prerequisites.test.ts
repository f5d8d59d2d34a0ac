import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeMachine, runScript } from './scripts.fixture.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

describe('what is missing on this machine', () => {
  it('is said at once, each with the command that installs it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ebb-path-'));
    try {
      for (const tool of ['dirname', 'uname']) symlinkSync(`/usr/bin/${tool}`, join(folder, tool));
      const { code, output } = await runScript('kind.sh up', { path: folder });
      expect(code).toBe(1);
      for (const tool of ['docker', 'kind', 'kubectl', 'helm']) {
        expect(output).toMatch(new RegExp(`^ +${tool} is missing: (brew install|curl )`, 'm'));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is docker, when it does not answer', async () => {
    machine.set('no-docker');
    const { code, output, calls } = await machine.run('kind.sh up');
    expect(code).toBe(1);
    expect(output).toContain('docker does not answer: start it');
    expect(calls).toEqual(['docker info --format {{.MemTotal}}']);
  });

  it('may be memory, of which is warned', async () => {
    machine.set('memory', '2000000000\n');
    const { code, output } = await machine.run('kind.sh up');
    expect(code).toBe(0);
    expect(output).toMatch(/warning: docker has 1907 MiB; all of this wants \d+ MiB/);
  });

  it('may be the cluster', async () => {
    machine.set('unreachable');
    const { code, output } = await machine.run('install.sh up --context prod');
    expect(code).toBe(1);
    expect(output).toContain('no cluster answers for the context "prod"');
  });
});

describe('a command that is written wrongly', () => {
  it.each([
    ['kind.sh', 2, 'usage: k8s/kind.sh up|down|status'],
    ['kind.sh sideways', 2, 'usage: k8s/kind.sh up|down|status'],
    ['minikube.sh up down', 2, 'usage: k8s/minikube.sh'],
    ['images.sh', 2, 'usage: k8s/images.sh kind|minikube'],
    ['kind.sh up --fast', 1, 'there is no option --fast'],
    ['kind.sh up --without', 1, '--without wants a value'],
    ['kind.sh up --without kafak', 1, '--without kafak: there is no such component'],
    ['install.sh up', 1, 'which cluster? Say --context CONTEXT.'],
    ['kind.sh --help', 0, 'usage: k8s/kind.sh up|down|status'],
  ])('%s ends with %i and says what it should be', async (line, code, said) => {
    const ran = await machine.run(line);
    expect({ code: ran.code, output: ran.output }).toEqual({ code, output: expect.stringContaining(said) });
    expect(ran.calls).toEqual([]);
  });
});
