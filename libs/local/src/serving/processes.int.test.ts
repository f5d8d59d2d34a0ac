import { spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { identify } from '@ebb/core';
import { MAX_LINE_LENGTH } from './log-lines.ts';
import { killOrphans } from './process-group.ts';
import { eventually, harness, service, type Harness } from './testing/harness.fixture.ts';

let h: Harness | undefined;
const start = (...options: Parameters<typeof harness>): Harness => (h = harness(...options));

afterEach(async () => {
  const left = await h?.stop();
  h = undefined;
  expect(left ?? []).toEqual([]);
});

describe('stop', () => {
  it('lets requests in flight finish', async () => {
    const { serving, artifact, call, running } = start();
    await serving.apply(service('shop'), artifact('1'));
    const slow = call('shop', '/?ms=500');
    await serving.stop();
    expect((await slow).status).toBe(200);
    expect(running.size).toBe(0);
    expect((await call('shop', '/')).status).toBe(503);
  });

  it('ends what ignores SIGTERM, what is still starting, and what they started', async () => {
    const { serving, artifact, running, folder } = start({ stopGraceMs: 200 });
    await serving.apply(service('stubborn'), artifact('1', { IGNORE_TERM: '1' }));
    const starting = serving.apply(service('slow'), artifact('1', { START_DELAY_MS: '60000' }));
    const wrapped = ['sh', '-c', `"${process.execPath}" server.cjs & wait`];
    await serving.apply(service('wrapped'), { ...artifact('1', { IGNORE_TERM: '1' }), command: wrapped, cwd: folder });
    const { pid } = JSON.parse(
      (await serving.request('wrapped', { method: 'GET', path: '/', headers: {}, timeoutMs: 5_000 })).body.toString(),
    ) as { pid: number };
    const stopping = serving.stop();
    await expect(starting).rejects.toThrow(/slow-00001/);
    await stopping;
    expect(running.size).toBe(0);
    await eventually(() => identify(pid) === undefined, 'the grandchild has ended');
  });
});

describe('log lines', () => {
  it('arrive whole, with where they come from, and cut when they are too long', async () => {
    const { serving, artifact, call, lines } = start();
    await serving.apply(service('shop'), artifact('1'));
    await call('shop', `/log?line=hello`);
    await eventually(() => lines.length > 0, 'a line');
    expect(lines[0]).toEqual({ service: 'shop', revision: 'shop-00001', stream: 'stdout', line: 'hello' });
    const command = [
      process.execPath,
      '-e',
      `console.log('x'.repeat(100_000)); console.log('short'); setInterval(() => 0, 1e3)`,
    ];
    void serving.apply(service('noisy'), { ...artifact('1'), command }).catch(() => undefined);
    await eventually(() => lines.some(({ line }) => line === 'short'), 'the line after');
    expect(Math.max(...lines.map(({ line }) => line.length))).toBeLessThanOrEqual(MAX_LINE_LENGTH + 1);
  });
});

describe('killOrphans', () => {
  it('ends the very process that was recorded, and no other', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { detached: true, stdio: 'ignore' });
    const exited = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('exit', (_code, signal) => resolve(signal)),
    );
    const { pid, startedAt } = identify(child.pid!)!;
    const record = { pid, startedAt, service: 'shop' };
    expect(killOrphans([{ ...record, startedAt: '1' }])).toEqual([]);
    expect(identify(pid)).toBeDefined();
    expect(killOrphans([record])).toEqual([record]);
    expect(await exited).toBe('SIGKILL');
    expect(killOrphans([record])).toEqual([]);
  });
});
