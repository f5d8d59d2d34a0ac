import { createServer, type Server } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identify } from '@ebb/core';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, runCli, type EbbOptions, type WorkspaceCopy } from '@ebb/testing/local';
import { decided, placeOrder } from '@ebb/shop';

let workspace: WorkspaceCopy;
const running: Ebb[] = [];

beforeEach(() => {
  // A space in the path proves that nothing is pasted into a shell.
  workspace = copyWorkspace(import.meta.dirname, { name: 'my shop' });
});

afterEach(async () => {
  for (const ebb of running.splice(0)) await ebb.stop();
  workspace.remove();
});

async function start(options: EbbOptions = {}): Promise<Ebb> {
  const ebb = await Ebb.start(workspace, ['--no-watch'], options);
  running.push(ebb);
  return ebb;
}

describe('ebb up', () => {
  it('keeps its data from one start to the next', async () => {
    const first = await start();
    const { orderId } = (await placeOrder(first)).json<{ orderId: string }>();
    await decided(first, orderId);
    expect(await first.stop()).toBe(0);
    const second = await start();
    expect((await decided(second, orderId)).orderId).toBe(orderId);
  });

  it('started twice says where the running one is', async () => {
    const first = await start();
    const second = await runCli(workspace, ['up']);
    expect(second.code).toBe(1);
    expect(second.stdout).toContain(`already running in this workspace at http://localhost:${first.port}`);
    expect((await first.cli(['status'])).code).toBe(0);
  });

  it('takes the next port when its own is taken, and says so', async () => {
    const { server, port } = await occupy(8080);
    try {
      const ebb = await start({ port: 'default' });
      expect(ebb.port).not.toBe(port);
      expect(ebb.output.join('\n')).toContain(`port 8080 is taken; using ${ebb.port}`);
    } finally {
      server.close();
    }
  });

  it('ends with one sentence when the port that was asked for is taken', async () => {
    const { server, port } = await occupy(0);
    try {
      const result = await runCli(workspace, ['up', '--port', String(port)]);
      expect(result.code).toBe(2);
      expect(result.stderr).toContain(`port ${port} cannot be used (EADDRINUSE)`);
      expect(result.stderr).not.toContain('    at ');
    } finally {
      server.close();
    }
  });

  it('stops everything that it started', async () => {
    const ebb = await start();
    const pids = ebb.childPids();
    const postmaster = Number(
      readFileSync(join(workspace.root, '.ebb/postgres/data/postmaster.pid'), 'utf8').split('\n')[0],
    );
    expect(pids.length).toBeGreaterThan(0);
    expect(await ebb.stop()).toBe(0);
    await eventually(() => [...pids, postmaster].every((pid) => !isAlive(pid)));
  });

  it('starts again after it was killed, and ends what was left behind', async () => {
    const killed = await start();
    const pids = killed.childPids();
    await killed.kill();
    expect(pids.some(isAlive)).toBe(true);
    const next = await start();
    expect(pids.filter(isAlive)).toEqual([]);
    const { orderId } = (await placeOrder(next)).json<{ orderId: string }>();
    expect((await decided(next, orderId)).status).toBe('confirmed');
  });
});

describe('ebb reset', () => {
  it('deletes the data, but not under a running Ebb', async () => {
    const ebb = await start();
    const refused = await ebb.cli(['reset']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('already running');
    await ebb.stop();
    const done = await runCli(workspace, ['reset']);
    expect(done.code).toBe(0);
    expect(existsSync(join(workspace.root, '.ebb'))).toBe(false);
  });
});

/** A killed process that nobody has waited for yet is a zombie: gone, as far as anybody else is concerned. */
const isAlive = (pid: number): boolean => identify(pid) !== undefined;

/** Holds a port; if somebody else holds it already, that serves as well. */
function occupy(port: number): Promise<{ server: Server; port: number }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve({ server, port });
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' && address ? address.port : port });
    });
  });
}
